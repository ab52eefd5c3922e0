import type { FieldRule, ObjectPlan } from '../mapping.ts';
import type { Plan } from '../plan.ts';
import { inPlan, type PlanProblem } from './problem.ts';

interface Reference {
  readonly to: string;
  readonly path: PlanProblem['path'];
}

function inFields(fields: Readonly<Record<string, FieldRule>>, path: PlanProblem['path']): readonly Reference[] {
  return Object.entries(fields).flatMap(([name, rule]): readonly Reference[] => {
    if ('ref' in rule) return [{ to: rule.ref, path: [...path, name, 'ref'] }];
    return 'each' in rule ? inFields(rule.fields, [...path, name, 'fields']) : [];
  });
}

function referencesOf(object: ObjectPlan, index: number): readonly Reference[] {
  const path = ['objects', index];
  const parent = object.parent === undefined ? [] : [{ to: object.parent.object, path: [...path, 'parent', 'object'] }];
  return [...inFields(object.fields, [...path, 'fields']), ...parent];
}

interface Node {
  readonly name: string;
  readonly references: readonly Reference[];
}

/** Names that can be reached from one by following references. */
function reach(from: string, nodes: readonly Node[], seen = new Set<string>()): ReadonlySet<string> {
  for (const { to } of nodes.filter(({ name }) => name === from).flatMap(({ references }) => references)) {
    if (seen.has(to)) continue;
    seen.add(to);
    reach(to, nodes, seen);
  }
  return seen;
}

/** What is wrong with one reference of the object at this position; nothing where it points to an earlier one. */
function checkReference(nodes: readonly Node[], index: number, name: string, { to, path }: Reference): readonly PlanProblem[] {
  const names = nodes.map((node) => node.name);
  if (!names.includes(to)) {
    return [inPlan(path, `"${name}" refers to "${to}", which is no object of this plan.`, `Use one of: ${names.join(', ')}.`)];
  }
  if (to === name) return [inPlan(path, `"${name}" refers to itself.`, 'Remove the reference: a record cannot be loaded before itself.')];
  if (reach(to, nodes).has(name)) {
    const remedy = 'Remove one of the references: neither can be loaded before the other.';
    return [inPlan(path, `"${name}" and "${to}" refer to each other.`, remedy)];
  }
  if (names.indexOf(to) < index) return [];
  return [inPlan(path, `"${name}" refers to "${to}", which is loaded after it.`, `Move "${to}" before "${name}" in objects.`)];
}

/** A canary may refer to any object and to the canaries before it. */
function checkCanaries({ canaries, objects }: Plan): readonly PlanProblem[] {
  const known = objects.map(({ name }) => name);
  return canaries.flatMap(({ object, fields }, index) => {
    const usable = [...known, ...canaries.slice(0, index).map((canary) => canary.object)];
    return inFields(fields, ['canaries', index, 'fields'])
      .filter(({ to }) => !usable.includes(to))
      .map(({ to, path }) =>
        inPlan(
          path,
          `Canary "${object}" refers to "${to}", which is neither an object nor an earlier canary.`,
          `Use one of: ${usable.join(', ')}.`,
        ),
      );
  });
}

/** Objects load in the order in which they stand, so a reference must point to an earlier one; taking back goes the other way. */
export function checkOrder(plan: Plan): readonly PlanProblem[] {
  const nodes = plan.objects.map((object, index) => ({ name: object.name, references: referencesOf(object, index) }));
  const inObjects = nodes.flatMap(({ name, references }, index) =>
    references.flatMap((reference) => checkReference(nodes, index, name, reference)),
  );
  return [...inObjects, ...checkCanaries(plan)];
}
