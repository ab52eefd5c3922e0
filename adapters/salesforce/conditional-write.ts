import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { AdapterError, type FailureKind } from '../../contracts/failures.ts';
import type { Client, FoundRow } from './client.ts';
import { refers } from './composite.ts';
import type { SalesforceRow } from './shapes.ts';
import type { Subject } from './failure.ts';
import { strangeAnswer } from './failure.ts';
import type { SalesforceObject } from './objects.ts';
import { outcomesOf, refusalOf, rejected, unknown } from './outcomes.ts';
import { receipts } from './receipts.ts';
import { holds, stampOf } from './records.ts';
import { anyOf, select } from './soql.ts';
import type { WriteCall } from './transport.ts';

interface ConditionalInput {
  readonly client: Client;
  readonly object: SalesforceObject;
  readonly call: WriteCall;
  readonly subject: Subject;
}

/** A row that may be written: its record is as its stamp says. */
interface Due {
  readonly row: WriteRow;
  readonly found: FoundRow;
}

/** The rows in parts of at most `size` that each go into one composite; a row whose text a composite would take for a reference goes by itself. */
export function partsOf(rows: readonly WriteRow[], size: number): readonly (readonly WriteRow[])[] {
  const parts: WriteRow[][] = [];
  let [left, mayJoin] = [0, false];
  for (const row of rows) {
    const isAlone = refers(row.fields);
    if (left === 0 || isAlone || !mayJoin) {
      parts.push([]);
      left = size;
    }
    parts.at(-1)?.push(row);
    left -= 1;
    mayJoin = !isAlone;
  }
  return parts;
}

/**
 * Compares each row with its stamp, then writes it under the ETag that came with this very row, then reads it back: three calls for all of them.
 * Salesforce takes no ETag with a delete, so between comparison and delete a change of someone else can be missed. Throws only where
 * nothing was sent.
 */
export async function writeConditionally(input: ConditionalInput, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  const { client, object } = input;
  const ids = rows.map(({ id }) => id ?? '');
  const found = await client.rows(object.type, ids);
  const judged = rows.map((row, place) => judge(input, row, found[place]));
  const due = judged.flatMap((one) => ('found' in one ? [one] : []));
  const written = due.length === 0 ? [] : await write(input, due);
  const byEffect = new Map(written.map((outcome) => [outcome.effectId, outcome]));
  return judged.flatMap((one) => ('found' in one ? (byEffect.get(one.row.effectId) ?? []) : [one]));
}

/** The row with the record it may be written to, or what became of it without a write. */
function judge({ object, subject }: ConditionalInput, row: WriteRow, found: FoundRow | AdapterError | undefined): Due | RowOutcome {
  const id = row.id ?? '';
  const unchanged = { effectId: row.effectId, outcome: 'unchanged', id } as const;
  const refused = (kind: FailureKind, sentence: string): RowOutcome => rejected(row, refusalOf(subject, kind, sentence));
  if (found instanceof AdapterError && found.kind !== 'notFound') return rejected(row, found);
  if (found === undefined || found instanceof AdapterError)
    return row.operation === 'delete' ? unchanged : refused('notFound', 'the record is gone from Salesforce');
  if (row.stamp !== null && stampOf(object, found.row) !== row.stamp)
    return refused('conflict', 'someone changed the record since it was read; read it again');
  if (row.operation === 'delete') return { row, found };
  if (holds(found.row, row.fields)) return unchanged;
  return found.etag === null ? refused('unsupported', `${object.type} rows have no ETag here; write them without a stamp`) : { row, found };
}

function write(input: ConditionalInput, due: readonly Due[]): Promise<readonly RowOutcome[]> {
  const { client, object, call, subject } = input;
  const rows = due.map(({ row }) => row);
  if (subject.operation === 'delete') {
    const ids = rows.map(({ id }) => id ?? '');
    return outcomesOf(rows, subject, call, async (guarded) => receipts(rows, subject, await client.deleteAll(object.type, ids, guarded)));
  }
  const changes = due.map(({ row, found }) => ({ id: row.id ?? '', fields: row.fields, etag: found.etag ?? '' }));
  return outcomesOf(rows, subject, call, async (guarded) => {
    const answers = await client.updateIfMatch(object.type, changes, guarded);
    const done = due.filter((_, place) => answers[place] === null);
    const after = new Map((await readBack(input, done)).map((outcome) => [outcome.effectId, outcome]));
    return due.map(({ row }, place) => after.get(row.effectId) ?? failed(row, answers[place] ?? strangeAnswer(subject, 200)));
  });
}

function failed(row: WriteRow, error: AdapterError): RowOutcome {
  return error.unknownOutcome ? unknown(row, error.message) : rejected(row, error);
}

/** What records show of changes that were answered as done. */
async function readBack({ client, object, subject }: ConditionalInput, done: readonly Due[]): Promise<readonly RowOutcome[]> {
  if (done.length === 0) return [];
  const names = [...new Set(['Id', ...done.flatMap(({ row }) => Object.keys(row.fields))])];
  const ids = done.map(({ found }) => found.row.Id);
  try {
    const now = new Map((await client.query(select(names, object.type, anyOf('Id', ids)))).map((row) => [row.Id, row]));
    return done.map((one) => shown(subject, one, now.get(one.found.row.Id)));
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return done.map(({ row }) => unknown(row, error.message));
  }
}

/** A record that holds our values in part only, or others than before, was changed again by someone: only a later look may judge it. */
function shown(subject: Subject, { row, found }: Due, after: SalesforceRow | undefined): RowOutcome {
  if (after !== undefined && holds(after, row.fields)) return { effectId: row.effectId, outcome: 'applied', id: found.row.Id };
  const names = Object.keys(row.fields);
  const untouched = after !== undefined && holds(after, Object.fromEntries(names.map((name) => [name, found.row[name] ?? null])));
  if (!untouched) return unknown(row, `${subject.system}: the record was changed again right after our write; look at it`);
  const sentence = `the change of ${names.join(', ')} was answered as done, but the record holds what it held before; look for a flow or trigger that takes it back`;
  return rejected(row, refusalOf(subject, 'silentNoOp', sentence));
}
