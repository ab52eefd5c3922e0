import type { Plan } from '../plan.ts';
import { inPlan, type PlanProblem } from './problem.ts';

interface Named {
  readonly name: string;
  readonly path: PlanProblem['path'];
}

/** Words that stand for more than one wave. */
const reservedWaves = ['run', 'shared'];

/** Those whose name an earlier one has already. */
function repeated(items: readonly Named[]): readonly Named[] {
  const seen = new Set<string>();
  return items.filter(({ name }) => {
    const isRepeated = seen.has(name);
    seen.add(name);
    return isRepeated;
  });
}

function doubles(what: string, items: readonly Named[]): readonly PlanProblem[] {
  return repeated(items).map(({ name, path }) =>
    inPlan(path, `There are two ${what} "${name}".`, 'Give each a name of its own, or remove one.'),
  );
}

/** The same object twice is two systems of record when they differ in it, and a plain double otherwise. */
function objectDoubles({ objects }: Plan): readonly PlanProblem[] {
  return repeated(objects.map(({ name }, index) => ({ name, path: ['objects', index] }))).map(({ name, path }) => {
    const records = [...new Set(objects.filter((object) => object.name === name).map((object) => object.systemOfRecord))];
    if (records.length === 1)
      return inPlan([...path, 'name'], `There are two objects "${name}".`, 'Give each a name of its own, or remove one.');
    const message = `"${name}" has more than one system of record: ${records.join(' and ')}.`;
    return inPlan([...path, 'systemOfRecord'], message, 'Keep one entry of this object, with the one system whose word counts.');
  });
}

/** Names that stand twice, and names that a wave may not have. */
export function checkNames(plan: Plan): readonly PlanProblem[] {
  const waves = [plan.pilot, ...plan.waves].map(({ name }, index) => ({
    name,
    path: index === 0 ? ['pilot', 'name'] : ['waves', index - 1, 'name'],
  }));
  return [
    ...objectDoubles(plan),
    ...doubles('waves', waves),
    ...waves
      .filter(({ name }) => reservedWaves.includes(name))
      .map(({ name, path }) =>
        inPlan(
          path,
          `A wave cannot be called "${name}".`,
          `Choose another name; ${reservedWaves.join(' and ')} have a meaning of their own.`,
        ),
      ),
    ...doubles(
      'guards',
      plan.guards.map(({ name }, index) => ({ name, path: ['guards', index, 'name'] })),
    ),
    ...doubles(
      'archive entries',
      plan.archive.map(({ object, query }, index) => ({ name: `${object} ${query}`, path: ['archive', index] })),
    ),
    ...doubles(
      'expectations',
      plan.expectations.map(({ object, key }, index) => ({ name: `${object} ${key}`, path: ['expectations', index] })),
    ),
  ];
}
