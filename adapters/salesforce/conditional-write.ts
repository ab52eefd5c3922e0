import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { Client, WriteCall } from './client.ts';
import type { SalesforceRow } from './shapes.ts';
import type { Subject } from './failure.ts';
import type { SalesforceObject } from './objects.ts';
import { concernsAll, refusalOf, rejected, unknown } from './outcomes.ts';
import { receipts } from './receipts.ts';
import { holds, stampOf } from './records.ts';

interface ConditionalInput {
  readonly client: Client;
  readonly object: SalesforceObject;
  readonly call: WriteCall;
  readonly subject: Subject;
}

/**
 * Compares the row with its stamp, then writes under the ETag that came with this very row, then reads it back. Salesforce
 * takes no ETag with a delete, so between comparison and delete a change of someone else can be missed. Throws only where
 * nothing was sent.
 */
export async function writeConditionally(input: ConditionalInput, row: WriteRow): Promise<RowOutcome> {
  const { client, object, subject } = input;
  const id = row.id ?? '';
  const found = await client.row(object.type, id);
  if (found === null)
    return row.operation === 'delete'
      ? { effectId: row.effectId, outcome: 'unchanged', id }
      : rejected(row, refusalOf(subject, 'notFound', 'the record is gone from Salesforce'));
  if (row.stamp !== null && stampOf(object, found.row) !== row.stamp)
    return rejected(row, refusalOf(subject, 'conflict', 'someone changed the record since it was read; read it again'));
  if (row.operation === 'update' && holds(found.row, row.fields)) return { effectId: row.effectId, outcome: 'unchanged', id };
  const { etag } = found;
  if (row.operation === 'update' && etag === null)
    return rejected(row, refusalOf(subject, 'unsupported', `${object.type} rows have no ETag here; write them without a stamp`));
  const outcome = await sent(input, row, async (call) => {
    if (etag === null || row.operation === 'delete') return receipts([row], subject, await client.deleteAll(object.type, [id], call))[0];
    await client.updateIfMatch(object.type, id, row.fields, etag, call);
    return undefined;
  });
  return outcome ?? readBack(input, row, found.row);
}

/** Sends one change; whatever goes wrong after its last byte may have left is an unknown outcome. */
async function sent(
  { call, subject }: ConditionalInput,
  row: WriteRow,
  send: (call: WriteCall) => Promise<RowOutcome | undefined>,
): Promise<RowOutcome | undefined> {
  const socket = { written: false };
  const beforeSend = (): void => {
    call.beforeSend();
    socket.written = true;
  };
  try {
    return await send({ ...call, beforeSend });
  } catch (error) {
    if (error instanceof AdapterError && error.unknownOutcome) return unknown(row, error.message);
    if (error instanceof AdapterError && !concernsAll(error)) return rejected(row, error);
    if (error instanceof AdapterError || !socket.written) throw error;
    return unknown(row, `${subject.system}: the answer to ${subject.operation} could not be read`);
  }
}

/** A record that holds our values in part only, or others than before, was changed again by someone: only a later look may judge it. */
async function readBack({ client, object, subject }: ConditionalInput, row: WriteRow, before: SalesforceRow): Promise<RowOutcome> {
  try {
    const after = await client.row(object.type, before.Id);
    if (after !== null && holds(after.row, row.fields)) return { effectId: row.effectId, outcome: 'applied', id: before.Id };
    const names = Object.keys(row.fields);
    const untouched = after !== null && holds(after.row, Object.fromEntries(names.map((name) => [name, before[name] ?? null])));
    if (!untouched) return unknown(row, `${subject.system}: the record was changed again right after our write; look at it`);
    const sentence = `the change of ${names.join(', ')} was answered as done, but the record holds what it held before; look for a flow or trigger that takes it back`;
    return rejected(row, refusalOf(subject, 'silentNoOp', sentence));
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return unknown(row, error.message);
  }
}
