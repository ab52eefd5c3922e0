import type { ObjectPlan } from '../mapping.ts';
import type { Plan } from '../plan.ts';
import type { SystemPlan } from '../systems.ts';
import { inPlan, type PlanProblem } from './problem.ts';

type Path = PlanProblem['path'];

function unknown(path: Path, what: string, name: string, known: readonly string[]): PlanProblem {
  return inPlan(path, `There is no ${what} "${name}".`, `Use one of: ${known.join(', ') || 'none is there yet'}.`);
}

function checkSystem(plan: Plan, path: Path, name: string, adapters: readonly SystemPlan['adapter'][]): readonly PlanProblem[] {
  const system = plan.systems[name];
  if (system === undefined) return [unknown(path, 'system', name, Object.keys(plan.systems))];
  if (adapters.includes(system.adapter)) return [];
  return [
    inPlan(
      path,
      `System "${name}" has the adapter ${system.adapter}, which cannot do this.`,
      `Name a system with the adapter ${adapters.join(' or ')}.`,
    ),
  ];
}

function checkQuery(plan: Plan, path: Path, systemName: string, query: string): readonly PlanProblem[] {
  const system = plan.systems[systemName];
  if (system?.adapter !== 'sql' || query in system.queries) return [];
  return [unknown(path, 'query', query, Object.keys(system.queries))];
}

function checkObject(plan: Plan, object: ObjectPlan, index: number): readonly PlanProblem[] {
  const { source, target, systemOfRecord, name, fallback, mode } = object;
  const path = ['objects', index];
  const problems = [
    ...checkSystem(plan, [...path, 'source', 'system'], source.system, ['sql']),
    ...checkQuery(plan, [...path, 'source', 'query'], source.system, source.query),
    ...checkSystem(plan, [...path, 'target', 'system'], target.system, ['tryton', 'salesforce']),
  ];
  if (systemOfRecord !== source.system && systemOfRecord !== target.system) {
    const message = `The system of record of "${name}" is neither its source nor its target.`;
    problems.push(inPlan([...path, 'systemOfRecord'], message, `Name ${source.system} or ${target.system}.`));
  }
  if (mode === 'move' && systemOfRecord === target.system && source.system !== target.system) {
    const message = `"${name}" would be written to ${target.system} from ${source.system}, and ${target.system} is its system of record: its word counts, not that of ${source.system}.`;
    problems.push(inPlan([...path, 'systemOfRecord'], message, `Set mode to match, or name ${source.system} as its system of record.`));
  }
  if (fallback !== undefined && mode !== 'match') {
    const message = `"${name}" is moved and has a fallback.`;
    problems.push(
      inPlan([...path, 'fallback'], message, 'Remove it, or set mode to match: only what is matched can fall back to another record.'),
    );
  }
  if (object.manyToOne && (mode !== 'match' || name === plan.pointer.object)) {
    const message = `"${name}" lets many records map to one, and its records are written.`;
    problems.push(
      inPlan(
        [...path, 'manyToOne'],
        message,
        'Remove it: only what is matched and never written can share a target record. Merge the records in legacy.',
      ),
    );
  }
  return problems;
}

function checkPointer({ pointer, objects, roles }: Plan): readonly PlanProblem[] {
  const names = objects.map(({ name }) => name);
  const ends = [
    { field: 'object', name: pointer.object, system: roles.crm, whose: 'the CRM' },
    { field: 'to', name: pointer.to, system: roles.target, whose: 'the new system' },
  ];
  return ends.flatMap(({ field, name, system, whose }) => {
    const object = objects.find((candidate) => candidate.name === name);
    if (object === undefined) return [unknown(['pointer', field], 'object', name, names)];
    if (object.target.system === system) return [];
    return [inPlan(['pointer', field], `"${name}" is not an object of ${whose}.`, `Name an object whose target is ${system}.`)];
  });
}

/** Names of systems, queries and objects that a plan uses and does not have, or that cannot do what they are named for. */
export function checkReferences(plan: Plan): readonly PlanProblem[] {
  const { roles, objects, archive, canaries, expectations } = plan;
  const names = objects.map(({ name }) => name);
  const missing = (path: Path, name: string): readonly PlanProblem[] =>
    names.includes(name) ? [] : [unknown(path, 'object', name, names)];
  return [
    ...checkSystem(plan, ['roles', 'source'], roles.source, ['sql']),
    ...checkSystem(plan, ['roles', 'target'], roles.target, ['tryton']),
    ...checkSystem(plan, ['roles', 'crm'], roles.crm, ['salesforce']),
    ...checkSystem(plan, ['roles', 'archive'], roles.archive, ['archive']),
    ...objects.flatMap((object, index) => checkObject(plan, object, index)),
    ...archive.flatMap(({ object, query }, index) => [
      ...missing(['archive', index, 'object'], object),
      ...checkQuery(plan, ['archive', index, 'query'], roles.source, query),
    ]),
    ...canaries.flatMap(({ system }, index) => checkSystem(plan, ['canaries', index, 'system'], system, ['tryton', 'salesforce'])),
    ...expectations.flatMap(({ object }, index) => missing(['expectations', index, 'object'], object)),
    ...checkPointer(plan),
  ];
}
