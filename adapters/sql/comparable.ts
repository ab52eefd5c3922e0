import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { Run } from './database.ts';
import { qualified } from './relations.ts';

/** The rows of a table compared with the key of the table through which they find their account. */
export interface Comparison {
  readonly table: string;
  readonly parent: string;
  /** SQL over the rows `cutover_child` and `cutover_parent`. */
  readonly match: string;
}

/**
 * A sentence about each of these that the database cannot compare. Only PostgreSQL's own choice of an operator tells, so it is asked: about all at
 * once, and one by one where that fails.
 */
export async function incomparable(
  run: Run,
  plan: SqlSystem,
  comparisons: readonly Comparison[],
): Promise<ReadonlyMap<Comparison, readonly string[]>> {
  if (comparisons.length === 0 || (await comparable(run, plan, comparisons))) return new Map();
  const problems = new Map<Comparison, readonly string[]>();
  for (const comparison of comparisons)
    if (!(await comparable(run, plan, [comparison])))
      problems.set(comparison, [
        `Rows of table ${comparison.table} cannot be compared with the key of table ${comparison.parent}: the database knows no equality of their types; name columns of one type`,
      ]);
  return problems;
}

async function comparable(run: Run, plan: SqlSystem, comparisons: readonly Comparison[]): Promise<boolean> {
  const questions = comparisons.map(
    ({ table, parent, match }) =>
      `(select 1 from ${qualified(plan.schema, table)} cutover_child, ${qualified(plan.schema, parent)} cutover_parent where ${match} limit 0)`,
  );
  try {
    await run(`savepoint comparable; select ${questions.join(', ')}`);
    return true;
  } catch (error) {
    if (!isOperatorFailure(error)) throw error;
    await run('rollback to savepoint comparable');
    return false;
  }
}

/** SQLSTATE undefined_function, ambiguous_function, indeterminate_collation: no one operator fits. */
function isOperatorFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && ['42883', '42725', '42P22'].includes(String(error.code));
}
