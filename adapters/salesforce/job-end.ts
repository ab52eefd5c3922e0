import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import type { AdapterError } from '../../contracts/failures.ts';
import type { Client } from './client.ts';
import { rowFailure, type Subject } from './failure.ts';
import { resultFiles, type Line } from './job-calls.ts';
import { nameColumn, nameOf } from './job-file.ts';
import { endOf, patiently } from './job-wait.ts';
import type { SalesforceObject } from './objects.ts';
import { refusalOf, rejected, unknown } from './outcomes.ts';
import { endJob } from './session-jobs.ts';
import type { Job } from './shapes.ts';

/** A job of one object, to be asked about. */
export interface JobOf {
  readonly client: Client;
  readonly object: SalesforceObject;
  readonly subject: Subject;
}

/** So long (ms) a job may take, waits in Salesforce's queue included. */
const longestJobMs = 3_600_000;

/**
 * What became of each row of a job that was handed over, by its three files, which are read once it has come to its end. Where that cannot be read, nothing
 * is known of any row; `isOver` tells that nothing is left of the job to end.
 */
export async function outcomesOfJob(
  of: JobOf,
  id: string,
  rows: readonly WriteRow[],
): Promise<{ readonly outcomes: readonly RowOutcome[]; readonly isOver: boolean }> {
  try {
    const job = await endOf(() => look(of, id), longestJobMs);
    if (job === null) throw new Error('its job did not come to an end in its time');
    const lines: (readonly Line[])[] = [];
    for (const file of resultFiles) lines.push(await patiently(() => of.client.jobs.results(id, file, nameColumn(of.object))));
    return { outcomes: outcomes(of, job, rows, lines), isOver: true };
  } catch (error) {
    const words = error instanceof Error ? error.message : 'the end of the job could not be read';
    return { outcomes: rows.map((row) => unknown(row, `${of.subject.system}: ${words}`)), isOver: false };
  }
}

/** Looks at a job; one that was not handed over after all is aborted, so that a call which is still on its way finds it closed. */
async function look({ client }: JobOf, id: string): Promise<Job> {
  const job = await patiently(() => client.jobs.look(id));
  if (job.state === 'Open') await endJob(client.jobs, id);
  return job;
}

/**
 * What Salesforce says of a job whose file or mapping it could not make sense of ("Errors"). A job also fails where its time or the limit of a day is used
 * up, with some of its records saved.
 */
const unreadable = /^(?:InvalidBatch|ClientInputError|InvalidJob)\b/;

/**
 * Each row by the line that has its name. An unprocessed one was not written where Salesforce came to the end of the job by itself; where it was stopped on
 * its way, a chunk of it may still be saved, so that only a later look may tell. So is a row in no file, or in several.
 */
function outcomes(
  { object, subject }: JobOf,
  job: Job,
  rows: readonly WriteRow[],
  [successful = [], failed = [], unprocessed = []]: readonly (readonly Line[])[],
): readonly RowOutcome[] {
  const column = nameColumn(object);
  const told = Map.groupBy(
    [
      ...successful.map((line) => ({ says: 'done', line }) as const),
      ...failed.map((line) => ({ says: 'failed', line }) as const),
      ...unprocessed.map((line) => ({ says: 'left', line }) as const),
    ],
    ({ line }) => line[column] ?? '',
  );
  const wasUnread =
    job.state === 'Failed' && unreadable.test(job.message) && job.processed === 0 && successful.length + failed.length === 0;
  const isFinal = job.state === 'JobComplete' || wasUnread;
  return rows.map((row): RowOutcome => {
    const [one, ...more] = told.get(nameOf(object, row)) ?? [];
    if (one === undefined || more.length > 0) return unknown(row, `${subject.system}: the results of the job do not tell of this row`);
    const id = one.line['sf__Id'] ?? '';
    if (one.says === 'done' && /^\w{15,18}$/.test(id)) return { effectId: row.effectId, outcome: 'applied', id };
    if (one.says === 'failed') return rejected(row, lineFailure(subject, one.line['sf__Error'] ?? ''));
    if (one.says === 'left' && isFinal) return rejected(row, notProcessed(subject, job));
    return unknown(row, `${subject.system}: the job ended as ${job.state} before it came to this row; look for it`);
  });
}

/** A row that failed, by `CODE:words:fields --`, or `CODE:words:--` where no field is at fault ("Get Job Failed Record Results"); the words may quote records. */
function lineFailure(subject: Subject, error: string): AdapterError {
  const [, code = 'an error without a code'] = /^(\w{1,80}):/.exec(error) ?? [];
  const [, fields = ''] = /:([\w., ]*)--\s*$/.exec(error) ?? [];
  const named = fields.split(',').map((field) => field.trim());
  return rowFailure(subject, { code, fields: named.filter((field) => /^[\w.]{1,80}$/.test(field)), description: null });
}

/** A job that could not be begun is refused as a whole, like a call; one that ended without a row has time for it in the next. */
function notProcessed(subject: Subject, { state }: Job): AdapterError {
  return state === 'Failed'
    ? refusalOf(
        subject,
        'invalidData',
        'Salesforce could not read the job; look at its error under Bulk Data Load Jobs, and correct the mapping',
      )
    : refusalOf(subject, 'unavailable', 'Salesforce ended the job without this row; it is sent again');
}
