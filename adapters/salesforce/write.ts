import type { RowOutcome, Sending, WriteRow } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { Client } from './client.ts';
import type { SalesforceRow } from './shapes.ts';
import { partsOf, writeConditionally } from './conditional-write.ts';
import type { Subject } from './failure.ts';
import { writeByJob } from './job.ts';
import { jobFiles } from './job-file.ts';
import { collectionSize, type SalesforceObject } from './objects.ts';
import { outcomesOf, refusalOf, rejected } from './outcomes.ts';
import { receipts } from './receipts.ts';
import type { SessionJobs } from './session-jobs.ts';
import type { WriteCall } from './transport.ts';

interface WriteInput {
  readonly client: Client;
  readonly system: string;
  readonly object: SalesforceObject;
  readonly rows: readonly WriteRow[];
  readonly call: Sending;
  readonly jobs: SessionJobs;
}

type Remember = NonNullable<Sending['remember']>;

/**
 * Rows with a stamp go each under its ETag, as many in one call as a composite takes, all others in one collection, or, where they are more than that, new
 * ones in a job; rows succeed or fail alone.
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
    return partByPart(
      system,
      partsOf(rows, client.together).map((part) => ({ rows: part })),
      (part) => writeConditionally({ client, object, call, subject }, part.rows),
    );
  return rows.length > collectionSize && call.remember !== undefined
    ? writeMany(input, subject, call.remember)
    : writeCollection(input, subject, rows);
}

function writeCollection(input: WriteInput, subject: Subject, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  return outcomesOf(rows, subject, input.call, async (guarded) => receipts(rows, subject, await sendAll(input, rows, guarded)));
}

/** New rows by jobs; before them those that no job takes, because the end of a job is not waited for within the deadline of a call. */
async function writeMany(input: WriteInput, subject: Subject, remember: Remember): Promise<readonly RowOutcome[]> {
  const { rows, object, system } = input;
  const { files, others } = await jobFiles(object, rows);
  const collections = [...Map.groupBy(others, (_, place) => Math.floor(place / collectionSize)).values()];
  const parts = [...collections.map((some) => ({ rows: some, csv: null })), ...files];
  const outcomes = await partByPart(system, parts, (part) =>
    part.csv === null ? writeCollection(input, subject, part.rows) : writeByJob({ ...input, subject, remember }, part),
  );
  const byEffect = new Map(outcomes.map((outcome) => [outcome.effectId, outcome]));
  return rows.flatMap(({ effectId }) => byEffect.get(effectId) ?? []);
}

/** Why these rows cannot be sent in one write; null where they can. */
function misfit({ rows, object, call }: WriteInput, subject: Subject): AdapterError | null {
  const operation = rows[0]?.operation ?? 'create';
  const own = object.capability.paces[operation]?.bulk;
  const most = own === undefined || call.remember === undefined ? collectionSize : own.batchSize;
  if (rows.length > most || rows.some((row) => row.operation !== operation))
    return refusalOf(subject, 'invalidData', `a write takes at most ${String(most)} rows of one operation`);
  if (!object.writable || !['create', 'update', 'delete'].includes(operation))
    return refusalOf(subject, 'unsupported', `${object.type} records cannot be written by ${operation}`);
  if (operation !== 'create' && rows.some((row) => row.id === null))
    return refusalOf(subject, 'invalidData', `every row of ${operation} must name its record`);
  return null;
}

function sendAll({ client, object }: WriteInput, rows: readonly WriteRow[], call: WriteCall): Promise<unknown> {
  const operation = rows[0]?.operation;
  if (operation === 'create') {
    const records = rows.map((row) => newRecord(object, row));
    return client.createAll(records, call);
  }
  if (operation === 'update') return client.updateAll(object.type, rows.map(changed), call);
  const ids = rows.map((row) => row.id ?? '');
  return client.deleteAll(object.type, ids, call);
}

/** Once a part was sent its outcomes must not be lost, so a reason to stop becomes the outcome of the rows that were not. */
async function partByPart<Part extends { readonly rows: readonly WriteRow[] }>(
  system: string,
  parts: readonly Part[],
  write: (part: Part) => Promise<readonly RowOutcome[]>,
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
      const left = parts.slice(place).flatMap((later) => later.rows);
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
