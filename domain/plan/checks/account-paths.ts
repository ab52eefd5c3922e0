import { columnsOf, type AccountPath, type SqlSystem } from '../systems.ts';
import { spellTableName, tableIn } from '../table-name.ts';
import type { Plan } from '../plan.ts';
import { inPlan, type PlanProblem } from './problem.ts';

/** Account paths that no guard in legacy could follow, and tables that stand in the plan twice under two spellings. */
export function checkAccountPaths({ systems }: Plan): readonly PlanProblem[] {
  return Object.entries(systems).flatMap(([name, system]) =>
    system.adapter === 'sql' ? [...doubles(name, system), ...pathProblems(name, system)] : [],
  );
}

function pathProblems(name: string, system: SqlSystem): readonly PlanProblem[] {
  return Object.entries(system.tables).flatMap(([table, { account }]) =>
    account === undefined ? [] : lookupProblems(['systems', name, 'tables', table, 'account'], system, account),
  );
}

function lookupProblems(path: PlanProblem['path'], system: SqlSystem, account: AccountPath): readonly PlanProblem[] {
  if (!('lookup' in account)) return [];
  const { table, key, account: column } = account.lookup;
  const [own, theirs] = [columnsOf(account.column).length, columnsOf(key).length];
  if (own !== theirs)
    return [
      inPlan(
        path,
        `${String(own)} columns cannot be compared with a key of ${String(theirs)}.`,
        'Name as many columns as the key has, in its order.',
      ),
    ];
  const parent = Object.entries(system.tables).find(([other]) => fullName(system, other) === fullName(system, table))?.[1].account;
  if (parent !== undefined && !('lookup' in parent) && parent.column === column) return [];
  return [
    inPlan(
      [...path, 'lookup'],
      `Rows find their account through table "${table}", which is not guarded by its own column "${column}".`,
      `Give table "${table}" the account { column: ${column} }, so that nobody moves its rows to another account unseen.`,
    ),
  ];
}

function doubles(name: string, system: SqlSystem): readonly PlanProblem[] {
  const first = new Map<string, string>();
  return Object.keys(system.tables).flatMap((table) => {
    const earlier = first.get(fullName(system, table));
    first.set(fullName(system, table), table);
    if (earlier === undefined) return [];
    return [inPlan(['systems', name, 'tables', table], `Table "${table}" stands here already as "${earlier}".`, 'Keep one of them.')];
  });
}

function fullName(system: SqlSystem, table: string): string {
  return spellTableName(tableIn(system.schema, table));
}
