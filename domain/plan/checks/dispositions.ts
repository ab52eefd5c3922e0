import { coverageOf, sourceOf, type TablePart } from '../coverage.ts';
import type { Plan } from '../plan.ts';
import type { SqlSystem, TableRule } from '../systems.ts';
import { inPlan, type PlanProblem } from './problem.ts';

/** What must yield the rows of a table with this disposition. */
const coverers = {
  move: 'object with mode move, and no entry of archive,',
  match: 'object with mode match',
  archive: 'entry of archive',
} as const;

const remedies = {
  move: 'Add an object whose query names it, or give it the disposition that is true: drop with a reason, for example.',
  match: 'Add an object with mode match whose query names it, or give it the disposition that is true.',
  archive: 'Add a query that names it under archive, or give it the disposition that is true.',
} as const;

/** Every disposition does what its word says, or the plan is refused: what moves, matches or goes to the archive is read by something, what is left has its rule and reason. */
export function checkDispositions(plan: Plan): readonly PlanProblem[] {
  const source = sourceOf(plan);
  if (source === null) return [];
  const path = ['systems', plan.roles.source];
  return [
    ...coverageOf(plan).flatMap((part) => checkPart(path, source, part)),
    ...Object.keys(source.statuses)
      .filter((table) => !(table in source.tables))
      .map((table) =>
        inPlan(
          [...path, 'statuses', table],
          `Statuses are told apart in table "${table}", which has no disposition.`,
          `Add it under systems.${plan.roles.source}.tables, or correct its name.`,
        ),
      ),
    ...Object.entries(source.tables).flatMap(([table, entry]) => checkTable(path, source, plan, table, entry)),
  ];
}

function checkPart(path: PlanProblem['path'], source: SqlSystem, part: TablePart): readonly PlanProblem[] {
  const { table, status, disposition, reason, explanation } = part;
  const place = status === null ? [...path, 'tables', table] : [...path, 'statuses', table, 'values', status];
  const what = status === null ? `Table "${table}"` : `Status "${status}" of table "${table}"`;
  if (disposition === 'move' || disposition === 'match' || disposition === 'archive') {
    if ('yields' in explanation && explanation.yields.length > 0) return [];
    return [inPlan(place, `${what} is to ${verbs[disposition]}, and no ${coverers[disposition]} reads it.`, remedies[disposition])];
  }
  const problems: PlanProblem[] = [];
  if (reason === null || reason.trim() === '') {
    const remedy = status === null ? 'Add a reason.' : `Write it as { disposition: ${disposition}, reason: ... }.`;
    problems.push(inPlan(place, `${what} has the disposition ${disposition} and no reason.`, remedy));
  }
  if (disposition === 'runOff' && source.tables[table]?.account !== undefined) {
    const message = `${what} is to run off in legacy, and its rows are frozen with their account: after the switch nobody could finish them there.`;
    const remedy =
      'Move them or archive them; or finish them before the freeze and write { disposition: drop, reason: ... } for those that nobody finishes.';
    problems.push(inPlan(place, message, remedy));
  }
  if (disposition !== 'drop' && status === null && source.tables[table]?.rule === undefined) {
    const message = `${what} has the disposition ${disposition}, and no rule says which of its rows that is.`;
    problems.push(
      inPlan(place, message, 'Add rule: { name: ..., where: ... }, an SQL condition; its rows stand in the equation under that name.'),
    );
  }
  return problems;
}

const verbs = { move: 'move', match: 'be matched', archive: 'be archived' } as const;

function checkTable(
  path: PlanProblem['path'],
  source: SqlSystem,
  plan: Plan,
  table: string,
  { disposition, rule, lines, money = {} }: TableRule,
): readonly PlanProblem[] {
  const place = [...path, 'tables', table];
  const problems: PlanProblem[] = [];
  if (rule !== undefined && disposition !== 'balance' && disposition !== 'runOff')
    problems.push(
      inPlan(
        [...place, 'rule'],
        `Table "${table}" has a rule and the disposition ${disposition}.`,
        'Remove the rule: only balance and runOff go by one.',
      ),
    );
  if (lines !== undefined && table in source.statuses)
    problems.push(
      inPlan(
        [...place, 'lines'],
        `Table "${table}" is counted as entries of a list, which have no status of their own.`,
        'Remove its statuses, or name its rows by key.',
      ),
    );
  const known = coverageOf(plan)
    .filter((part) => part.table === table)
    .flatMap(({ explanation }) => ('yields' in explanation ? explanation.yields.flatMap(({ object }) => Object.keys(object.money)) : []));
  const counted = disposition === 'move' || disposition === 'archive' || table in source.statuses;
  const strange = counted ? Object.keys(money).filter((name) => !known.includes(name)) : [];
  return [
    ...problems,
    ...strange.map((name) =>
      inPlan(
        [...place, 'money', name],
        `Table "${table}" adds up "${name}", and no object that reads it has a money rule of that name.`,
        `Use one of: ${[...new Set(known)].join(', ') || 'none is there yet'}; or add the rule to the object.`,
      ),
    ),
  ];
}
