import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { namedIn, Refusal } from './answers.ts';
import type { Writer } from './caller.ts';
import { NotSent } from './caller.ts';

/**
 * Runs one batch and gives every row its outcome. A refusal before anything was applied rejects all rows alike (Tryton rolls a
 * call back as a whole); a lost answer, or any failure after a first change was applied, leaves all rows unknown. Throws where
 * nothing was applied and the reason does not lie in the rows: what `beforeSend` threw, a dead session (`auth`), `throttled`,
 * and `unavailable` for a system that could not be reached. Every sentence names the system as the plan does.
 */
export async function settle(
  system: string,
  rows: readonly WriteRow[],
  writer: Writer,
  act: () => Promise<readonly RowOutcome[]>,
): Promise<readonly RowOutcome[]> {
  const outcomes = await outcomesOf(rows, writer, act);
  return outcomes.map((row) => ('message' in row ? { ...row, message: namedIn(system, row.message) } : row));
}

async function outcomesOf(
  rows: readonly WriteRow[],
  writer: Writer,
  act: () => Promise<readonly RowOutcome[]>,
): Promise<readonly RowOutcome[]> {
  try {
    return await act();
  } catch (error) {
    if (writer.applied()) return unknown(rows, `a later step failed after a first one was applied: ${reasonOf(error)}`);
    if (error instanceof NotSent && error.cause instanceof Error) throw error.cause;
    if (error instanceof Refusal) return rejected(rows, error);
    if (error instanceof AdapterError && error.unknownOutcome) return unknown(rows, error.message);
    throw error;
  }
}

/** All rows applied, each to its own record; rows that were given one and the same record cannot both be right. */
export function applied(rows: readonly WriteRow[], ids: readonly number[]): readonly RowOutcome[] {
  return rows.map(({ effectId }, index): RowOutcome => {
    const id = ids[index];
    return id !== undefined && ids.indexOf(id) === ids.lastIndexOf(id)
      ? { effectId, outcome: 'applied', id: String(id) }
      : { effectId, outcome: 'unknown', message: 'Tryton named the same record for several rows' };
  });
}

export function rejected(rows: readonly WriteRow[], { kind, message, retryAfterMs }: AdapterError): readonly RowOutcome[] {
  const wait = retryAfterMs === null ? {} : { retryAfterMs };
  return rows.map(({ effectId }) => ({ effectId, outcome: 'rejected', kind, message, ...wait }));
}

export function unknown(rows: readonly WriteRow[], message: string): readonly RowOutcome[] {
  return rows.map((row) => ({ effectId: row.effectId, outcome: 'unknown', message }));
}

function reasonOf(error: unknown): string {
  if (error instanceof NotSent) return 'the next step was not sent because its deadline had passed';
  return error instanceof AdapterError ? error.message : 'Tryton answered in a way that does not fit the request';
}
