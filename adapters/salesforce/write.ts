import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { Client, SalesforceRow, WriteCall } from './client.ts';
import { EntranceRefused } from './failure.ts';
import type { Subject } from './failure.ts';
import type { SalesforceObject } from './objects.ts';
import { receipts } from './receipts.ts';
import { holds, stampOf } from './records.ts';

/** Records of one collection call ("sObject Collections", REST guide). */
export const collectionSize = 200;

export interface WriteInput {
  readonly client: Client;
  readonly system: string;
  readonly object: SalesforceObject;
  readonly rows: readonly WriteRow[];
  readonly call: WriteCall;
}

/**
 * Rows with a stamp go one by one under their ETag, all others in one collection whose rows succeed or fail alone.
 * Throws where nothing was sent and the reason is not in the rows: what `beforeSend` threw, `auth`, `throttled`, `unavailable`.
 */
export async function writeRows(input: WriteInput): Promise<readonly RowOutcome[]> {
  const { rows, object, system } = input;
  const [first] = rows;
  if (first === undefined) return [];
  const operation = first.operation;
  const subject: Subject = { system, operation, writes: true };
  if (rows.length > collectionSize || rows.some((row) => row.operation !== operation))
    return refused(rows, failure(subject, 'invalidData', `a write takes at most ${String(collectionSize)} rows of one operation`));
  if (!object.writable || !(operation === 'create' || operation === 'update' || operation === 'delete'))
    return refused(rows, failure(subject, 'unsupported', `${object.type} records cannot be written by ${operation}`));
  if (operation === 'create')
    return batch(rows, subject, () =>
      input.client.createAll(
        object.type,
        rows.map((row) => marked(object, row)),
        input.call,
      ),
    );
  const strays = rows.filter((row) => row.id === null);
  if (strays.length > 0) return refused(rows, failure(subject, 'invalidData', `every row of ${operation} must name its record`));
  if (rows.some((row) => row.stamp !== null)) return oneByOne(rows, (row) => conditional(input, subject, row));
  return batch(rows, subject, () =>
    operation === 'update'
      ? input.client.updateAll(object.type, rows.map(changed), input.call)
      : input.client.deleteAll(object.type, rows.map(idOf), input.call),
  );
}

async function batch(rows: readonly WriteRow[], subject: Subject, send: () => Promise<unknown>): Promise<readonly RowOutcome[]> {
  try {
    return receipts(rows, subject, await send());
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    if (error.unknownOutcome) return rows.map((row) => unknown(row, error));
    if (concernsAll(error)) throw error;
    return refused(rows, error);
  }
}

/** Once a row was sent its outcome must not be lost, so a reason to stop becomes the outcome of the rows that were not. */
async function oneByOne(rows: readonly WriteRow[], write: (row: WriteRow) => Promise<RowOutcome>): Promise<readonly RowOutcome[]> {
  const outcomes: RowOutcome[] = [];
  for (const row of rows) {
    try {
      outcomes.push(await write(row));
    } catch (error) {
      if (outcomes.length === 0) throw error;
      const kind = error instanceof AdapterError ? error.kind : 'unavailable';
      const message = `not sent: ${error instanceof Error ? error.message : 'the call was stopped'}`;
      return [
        ...outcomes,
        ...rows.slice(outcomes.length).map((left): RowOutcome => ({ effectId: left.effectId, outcome: 'rejected', kind, message })),
      ];
    }
  }
  return outcomes;
}

/**
 * Compares the row with its stamp, then writes under the ETag that came with this very row, then reads it back. Salesforce
 * takes no ETag with a delete, so between comparison and delete a change of someone else can be missed.
 */
async function conditional({ client, object, call }: WriteInput, subject: Subject, row: WriteRow): Promise<RowOutcome> {
  const id = idOf(row);
  const found = await client.row(object.type, id);
  if (row.operation === 'delete' && found === null) return { effectId: row.effectId, outcome: 'unchanged', id };
  if (found === null) return rejected(row, failure(subject, 'notFound', 'the record is gone'));
  if (row.stamp !== null && stampOf(object, found.row) !== row.stamp)
    return rejected(row, failure(subject, 'conflict', 'someone changed the record since it was read; read it again'));
  try {
    if (row.operation === 'delete')
      return (
        receipts([row], subject, await client.deleteAll(object.type, [id], call))[0] ??
        unknown(row, failure(subject, 'unavailable', 'no receipt came'))
      );
    if (holds(found.row, row.fields)) return { effectId: row.effectId, outcome: 'unchanged', id };
    if (found.etag === null)
      return rejected(row, failure(subject, 'unsupported', `${object.type} rows have no ETag here; write them without a stamp`));
    await client.updateIfMatch(object.type, id, row.fields, found.etag, call);
  } catch (error) {
    if (!(error instanceof AdapterError) || (concernsAll(error) && !error.unknownOutcome)) throw error;
    return error.unknownOutcome ? unknown(row, error) : rejected(row, error);
  }
  return readBack(client, object, subject, row, found.row);
}

/** A record that holds our values only in part, or values of nobody's, was changed by someone in between: only a later look may judge it. */
async function readBack(
  client: Client,
  object: SalesforceObject,
  subject: Subject,
  row: WriteRow,
  before: SalesforceRow,
): Promise<RowOutcome> {
  try {
    const after = await client.row(object.type, before.Id);
    if (after !== null && holds(after.row, row.fields)) return { effectId: row.effectId, outcome: 'applied', id: before.Id };
    const names = Object.keys(row.fields);
    if (after !== null && holds(after.row, Object.fromEntries(names.map((name) => [name, before[name] ?? null]))))
      return rejected(
        row,
        failure(
          subject,
          'silentNoOp',
          `the change of ${names.join(', ')} was answered as done, but the record holds what it held before; look for a flow or trigger that takes it back`,
        ),
      );
    return unknown(row, failure(subject, 'conflict', 'the record was changed again right after our write; look at it'));
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return unknown(row, error);
  }
}

/** A record of ours carries the effect id from its first moment, in the same call that makes it. */
function marked(object: SalesforceObject, row: WriteRow): Fields {
  return object.markerField === null ? row.fields : { [object.markerField]: row.effectId, ...row.fields };
}

function changed(row: WriteRow): SalesforceRow {
  return { ...row.fields, Id: idOf(row) };
}

function idOf(row: WriteRow): string {
  return row.id ?? '';
}

/** The session, the organization or the way to it, and nothing in the rows. */
function concernsAll(error: AdapterError): boolean {
  return error instanceof EntranceRefused || error.kind === 'throttled' || error.kind === 'unavailable';
}

function failure({ system, operation }: Subject, kind: AdapterError['kind'], sentence: string): AdapterError {
  return new AdapterError(kind, `${system}: ${sentence}`, { system, operation });
}

function refused(rows: readonly WriteRow[], error: AdapterError): readonly RowOutcome[] {
  return rows.map((row) => rejected(row, error));
}

function rejected(row: WriteRow, error: AdapterError): RowOutcome {
  return { effectId: row.effectId, outcome: 'rejected', kind: error.kind, message: error.message };
}

function unknown(row: WriteRow, error: AdapterError): RowOutcome {
  return { effectId: row.effectId, outcome: 'unknown', message: error.message };
}
