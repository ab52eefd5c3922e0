import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { rowFailure, vendorError } from './failure.ts';
import type { Subject } from './failure.ts';
import { rejected, unknown } from './outcomes.ts';

/**
 * The receipts of a collection call, by position. A list of another length cannot be trusted for any row: all are unknown. Where two
 * receipts name one id, their rows are, and no other. Deleting what is gone already is `unchanged`.
 */
export function receipts(rows: readonly WriteRow[], subject: Subject, reply: unknown): readonly RowOutcome[] {
  const results = Array.isArray(reply) ? reply.map(receipt) : [];
  if (results.length !== rows.length) {
    const message = `${subject.system}: the receipts of ${subject.operation} do not fit the rows that were sent`;
    return rows.map((row) => unknown(row, message));
  }
  const ids = results.map((result) => result?.id?.slice(0, 15));
  const named = Map.groupBy(ids, (id) => id);
  return rows.map((row, index) => {
    const id = ids[index];
    if (id !== undefined && (named.get(id)?.length ?? 0) > 1)
      return unknown(row, `${subject.system}: several receipts of ${subject.operation} name the same record`);
    return outcome(row, subject, results[index] ?? null);
  });
}

interface Receipt {
  readonly id: string | undefined;
  readonly success: boolean;
  readonly errors: readonly unknown[];
}

function receipt(result: unknown): Receipt | null {
  if (typeof result !== 'object' || result === null) return null;
  const { id, success, errors } = result as Readonly<Record<string, unknown>>;
  return {
    id: typeof id === 'string' && id !== '' ? id : undefined,
    success: success === true,
    errors: Array.isArray(errors) ? errors : [],
  };
}

function outcome(row: WriteRow, subject: Subject, result: Receipt | null): RowOutcome {
  const { effectId } = row;
  if (result?.success === true && result.id !== undefined && isOf(row, result.id)) return { effectId, outcome: 'applied', id: result.id };
  const error = result === null || result.success ? null : vendorError(result.errors[0]);
  if (error === null)
    return unknown(row, `${subject.system}: the receipt of ${subject.operation} tells neither the id of the row nor an error`);
  const failure = rowFailure(subject, error);
  if (row.operation === 'delete' && row.id !== null && failure.kind === 'notFound') return { effectId, outcome: 'unchanged', id: row.id };
  return rejected(row, failure);
}

/** The first 15 characters of an id tell the record; the last three only make it safe where case is lost. */
function isOf(row: WriteRow, id: string): boolean {
  return row.id === null || row.id.slice(0, 15) === id.slice(0, 15);
}
