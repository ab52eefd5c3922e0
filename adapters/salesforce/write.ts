import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { Client, WriteCall } from './client.ts';
import type { SalesforceRow } from './shapes.ts';
import { partsOf, writeConditionally } from './conditional-write.ts';
import type { Subject } from './failure.ts';
import type { SalesforceObject } from './objects.ts';
import { outcomesOf, refusalOf, rejected } from './outcomes.ts';
import { receipts } from './receipts.ts';

/** Records of one collection call ("sObject Collections", REST guide). */
export const collectionSize = 200;

interface WriteInput {
  readonly client: Client;
  readonly system: string;
  readonly object: SalesforceObject;
  readonly rows: readonly WriteRow[];
  readonly call: WriteCall;
}

/**
 * Rows with a stamp go each under its ETag, as many in one call as a composite takes, all others in one collection; rows succeed or fail alone.
 * Throws where nothing was sent and the reason is not in the rows: what `beforeSend` threw, `auth`, `throttled`, `unavailable`.
 */
export async function writeRows(input: WriteInput): Promise<readonly RowOutcome[]> {
  const { rows, object, system, client, call } = input;
  const [first] = rows;
  if (first === undefined) return [];
  const subject: Subject = { system, operation: first.operation, writes: true };
  const refusal = misfit(input, subject);
  if (refusal !== null) return rows.map((row) => rejected(row, refusal));
  if (rows.some((row) => row.stamp !== null))
    return partByPart(system, partsOf(rows, client.together), (part) => writeConditionally({ client, object, call, subject }, part));
  return outcomesOf(rows, subject, call, async (guarded) =>
    receipts(rows, subject, await sendAll({ ...input, call: guarded }, first.operation)),
  );
}

/** Why these rows cannot be sent in one write; null where they can. */
function misfit({ rows, object }: WriteInput, subject: Subject): AdapterError | null {
  const { operation } = subject;
  if (rows.length > collectionSize || rows.some((row) => row.operation !== operation))
    return refusalOf(subject, 'invalidData', `a write takes at most ${String(collectionSize)} rows of one operation`);
  if (!object.writable || !['create', 'update', 'delete'].includes(operation))
    return refusalOf(subject, 'unsupported', `${object.type} records cannot be written by ${operation}`);
  if (operation !== 'create' && rows.some((row) => row.id === null))
    return refusalOf(subject, 'invalidData', `every row of ${operation} must name its record`);
  return null;
}

function sendAll({ client, object, rows, call }: WriteInput, operation: WriteRow['operation']): Promise<unknown> {
  if (operation === 'create') {
    const records = rows.map((row) => newRecord(object, row));
    return client.createAll(records, call);
  }
  if (operation === 'update') return client.updateAll(object.type, rows.map(changed), call);
  const ids = rows.map((row) => row.id ?? '');
  return client.deleteAll(object.type, ids, call);
}

/** Once a part was sent its outcomes must not be lost, so a reason to stop becomes the outcome of the rows that were not. */
async function partByPart(
  system: string,
  parts: readonly (readonly WriteRow[])[],
  write: (part: readonly WriteRow[]) => Promise<readonly RowOutcome[]>,
): Promise<readonly RowOutcome[]> {
  const outcomes: RowOutcome[] = [];
  for (const [place, part] of parts.entries()) {
    try {
      outcomes.push(...(await write(part)));
    } catch (error) {
      if (place === 0) throw error;
      const kind = error instanceof AdapterError ? error.kind : 'unavailable';
      const message = `${system}: not sent: ${error instanceof Error ? error.message : 'the call was stopped'}`;
      const wait = error instanceof AdapterError && error.retryAfterMs !== null ? { retryAfterMs: error.retryAfterMs } : {};
      const left = parts.slice(place).flat();
      return [...outcomes, ...left.map(({ effectId }): RowOutcome => ({ effectId, outcome: 'rejected', kind, message, ...wait }))];
    }
  }
  return outcomes;
}

/**
 * A new record as it travels. It carries the effect id from its first moment, in the same call that makes it. Put together from texts: to copy all its
 * fields beside its type and its mark takes as long as to write them down.
 */
function newRecord({ type, markerField }: SalesforceObject, { fields, effectId }: WriteRow): string {
  const marked = markerField !== null && markerField in fields ? { ...fields, [markerField]: effectId } : fields;
  const members = [
    `"attributes":${JSON.stringify({ type })}`,
    JSON.stringify(marked).slice(1, -1),
    markerField === null || marked !== fields ? '' : `${JSON.stringify(markerField)}:${JSON.stringify(effectId)}`,
  ];
  return `{${members.filter((member) => member !== '').join(',')}}`;
}

function changed(row: WriteRow): SalesforceRow {
  return { ...row.fields, Id: row.id ?? '' };
}
