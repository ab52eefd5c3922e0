import type { Env } from './env.ts';
import type { Plan } from './plan.ts';
import { checkGates, checkLease } from './checks/gates.ts';
import { checkGuards } from './checks/guards.ts';
import { checkNames } from './checks/names.ts';
import { checkOrder } from './checks/order.ts';
import { checkPeople } from './checks/people.ts';
import { inEnv, type PlanProblem } from './checks/problem.ts';
import { checkReferences } from './checks/references.ts';
import { checkScope } from './checks/scope.ts';
import { checkSecrets } from './checks/secrets.ts';
import { checkWaves } from './checks/waves.ts';

/** All that keeps a well-formed plan from running, as far as the plan alone shows it; empty when nothing does. */
export function checkPlan(plan: Plan): readonly PlanProblem[] {
  return [checkNames, checkReferences, checkOrder, checkWaves, checkGates, checkGuards, checkScope, checkSecrets].flatMap((check) =>
    check(plan),
  );
}

function checkSystems({ systems }: Plan, env: Env): readonly PlanProblem[] {
  const absent = Object.keys(systems).filter((name) => !(name in env.systems));
  const surplus = Object.keys(env.systems).filter((name) => !(name in systems));
  return [
    ...absent.map((name) =>
      inEnv(
        ['systems'],
        `The env file says nothing about system "${name}".`,
        `Add systems.${name} with its address and user, by environment variable.`,
      ),
    ),
    ...surplus.map((name) => inEnv(['systems', name], `The plan has no system "${name}".`, 'Remove it, or correct its name.')),
  ];
}

/** What keeps this plan from running in this environment, beside what `checkPlan` finds. */
export function checkPlanWithEnv(plan: Plan, env: Env): readonly PlanProblem[] {
  const live = inEnv(['mode'], 'Live runs are not offered yet.', 'Set mode to rehearsal, and point the systems at test organizations.');
  return [...(env.mode === 'live' ? [live] : []), ...checkSystems(plan, env), ...checkPeople(plan, env), ...checkLease(plan, env)];
}
