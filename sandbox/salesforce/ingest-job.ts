import { parse } from 'csv-parse/sync';
import { ApiError } from './errors.ts';
import type { Organization } from './organization.ts';
import { createRecord, deleteRecord, existing, updateRecord, type Changes } from './saving.ts';
import type { StoredRecord } from './store.ts';
import type { Access } from './users.ts';

export const operations = ['insert', 'update', 'delete'] as const;
export type Operation = (typeof operations)[number];

export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';
type Line = Readonly<Record<string, string>>;

/** An ingest job: what it was made with, its file, and what became of each line. */
export interface IngestJob {
  readonly id: string;
  readonly object: string;
  readonly operation: Operation;
  readonly lineEnding: 'LF' | 'CRLF';
  readonly user: string;
  readonly createdDate: string;
  state: JobState;
  file: string | null;
  lines: readonly Line[];
  columns: readonly string[];
  readonly successful: Line[];
  readonly failed: Line[];
  errorMessage: string | null;
}

/** Records that Salesforce saves in one transaction of a job. */
const chunkSize = 200;

/** Whether a job acts no more ("Job States"). */
export function isOver({ state }: IngestJob): boolean {
  return state === 'JobComplete' || state === 'Failed' || state === 'Aborted';
}

/** Lines that a job has dealt with; those behind them are the unprocessed ones. */
export function doneLines({ successful, failed }: IngestJob): number {
  return successful.length + failed.length;
}

/** Reads the file of a job that was taken from the queue. One that cannot be read, or names a field there is not, fails the job as a whole. */
export function readFile(organization: Organization, job: IngestJob): void {
  const { fields } = organization.definition(job.object);
  try {
    const file = job.file ?? '';
    const [first = [], ...rows] = parse(file, { record_delimiter: job.lineEnding === 'LF' ? '\n' : '\r\n' }) as readonly string[][];
    const stray = first.find((name) => fields[name] === undefined);
    job.columns = first;
    job.lines = rows.map((row) => Object.fromEntries(first.map((name, place) => [name, row[place] ?? ''])));
    if (first.at(-1)?.endsWith('\r') === true)
      fail(job, `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF`);
    else if (stray !== undefined) fail(job, `InvalidBatch : Field name not found : ${stray}`);
    else job.state = 'InProgress';
  } catch (error) {
    fail(job, `InvalidBatch : ${error instanceof Error ? error.message : 'the file cannot be read'}`);
  }
}

function fail(job: IngestJob, message: string): void {
  Object.assign(job, { state: 'Failed', errorMessage: message });
}

/** Saves the next chunk of a job that is in progress, each record for itself; tells how many it made. */
export function saveChunk(organization: Organization, access: Access, job: IngestJob): number {
  const from = doneLines(job);
  let made = 0;
  for (const line of job.lines.slice(from, from + chunkSize)) {
    try {
      const record = save(organization, access, job, line);
      if (job.operation === 'insert') made += 1;
      job.successful.push({ sf__Id: String(record.values['Id']), sf__Created: String(job.operation === 'insert'), ...line });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      job.failed.push({
        sf__Id: line['Id'] ?? '',
        sf__Error: `${error.errorCode}:${error.message}:${error.fields.length === 0 ? '' : `${error.fields.join(',')} `}--`,
        ...line,
      });
    }
  }
  if (doneLines(job) >= job.lines.length) job.state = 'JobComplete';
  return made;
}

function save(organization: Organization, access: Access, { object, operation }: IngestJob, line: Line): StoredRecord {
  const { Id = '', ...cells } = line;
  const given: Changes = Object.fromEntries(
    Object.entries(cells).flatMap(([name, cell]) => (cell === '' ? [] : [[name, valueOf(organization, object, name, cell)]])),
  );
  if (operation === 'insert') return createRecord(organization, access, object, given);
  const record = existing(organization, object, Id);
  if (operation === 'delete') deleteRecord(organization, access, record);
  else updateRecord(organization, access, record, given);
  return record;
}

/** A cell as the value of its field: an empty one says nothing, and `#N/A` empties the field ("Valid CSV Record Rows"). */
function valueOf(organization: Organization, object: string, name: string, cell: string): string | boolean | null {
  if (cell === '#N/A') return null;
  return organization.definition(object).fields[name]?.type === 'boolean' ? cell.toLowerCase() === 'true' : cell;
}
