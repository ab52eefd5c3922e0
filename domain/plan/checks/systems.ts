import type { Env } from '../env.ts';
import type { Plan } from '../plan.ts';
import { knownSettings } from '../settings.ts';
import type { SystemPlan } from '../systems.ts';
import { inEnv, type PlanProblem } from './problem.ts';

/** One system of the plan, and the names of the settings the env file gives it. */
interface Entered {
  readonly name: string;
  readonly adapter: SystemPlan['adapter'];
  readonly given: readonly string[];
}

/** Systems that only one of plan and env knows, and settings that an adapter needs and lacks, or never reads. */
export function checkSystems({ systems }: Plan, env: Env): readonly PlanProblem[] {
  const surplus = Object.keys(env.systems).filter((name) => !(name in systems));
  return [
    ...Object.entries(systems).flatMap(([name, { adapter }]) => {
      const settings = env.systems[name];
      return settings === undefined ? [absent(name)] : checkSettings({ name, adapter, given: Object.keys(settings) });
    }),
    ...surplus.map((name) => inEnv(['systems', name], `The plan has no system "${name}".`, 'Remove it, or correct its name.')),
  ];
}

function absent(name: string): PlanProblem {
  const remedy = `Add systems.${name} with its address and user, by environment variable.`;
  return inEnv(['systems'], `The env file says nothing about system "${name}".`, remedy);
}

function checkSettings(system: Entered): readonly PlanProblem[] {
  const { needed, logins, optional } = knownSettings[system.adapter];
  const known = [...needed, ...logins.flat(), ...optional];
  const unknown = system.given.filter((setting) => !known.includes(setting));
  return [
    ...unknown.map((setting) =>
      inEnv(
        ['systems', system.name, setting],
        `${titleOf(system)} has no setting "${setting}".`,
        `Remove it, or use one of: ${known.join(', ')}.`,
      ),
    ),
    ...lacking(system, needed),
    ...checkLogin(system, logins),
  ];
}

function lacking(system: Entered, needed: readonly string[]): readonly PlanProblem[] {
  return needed
    .filter((setting) => !system.given.includes(setting))
    .map((setting) =>
      inEnv(
        ['systems', system.name, setting],
        `${titleOf(system)} lacks the setting ${setting}.`,
        `Add systems.${system.name}.${setting}, by environment variable.`,
      ),
    );
}

function checkLogin(system: Entered, logins: readonly (readonly string[])[]): readonly PlanProblem[] {
  if (logins.length === 0) return [];
  const begun = logins.filter((login) => login.some((setting) => system.given.includes(setting)));
  const [only] = begun;
  if (begun.length === 1 && only !== undefined) return lacking(system, only);
  const choice = logins.map((login) => login.join(' and ')).join(', or ');
  const path = ['systems', system.name];
  return begun.length === 0
    ? [inEnv(path, `${titleOf(system)} does not say how to log in.`, `Add ${choice}, by environment variable.`)]
    : [inEnv(path, `${titleOf(system)} names two ways to log in.`, `Keep one: ${choice}.`)];
}

function titleOf({ name, adapter }: Entered): string {
  return `System "${name}" (${adapter})`;
}
