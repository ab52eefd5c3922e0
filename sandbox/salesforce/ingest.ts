import { stringify } from 'csv-stringify/sync';
import type { SandboxReply } from '../http-server.ts';
import { ApiError, notFound } from './errors.ts';
import { doneLines, isOver, operations, readFile, saveChunk, type IngestJob, type JobState, type Operation } from './ingest-job.ts';
import { mayDo } from './organization.ts';
import { recordId } from './record-id.ts';
import { bodyOf, type Visit } from './resources.ts';

/** Jobs of the Bulk API 2.0 that load data, under `jobs/ingest`. */
export interface IngestJobs {
  /** `id` and `part` are empty where the path has none. */
  answer(visit: Visit, id: string, part: string): SandboxReply;
}

/** The largest file of a job (bytes; "Bulk API 2.0 Limits": 150 MB once Salesforce has encoded it, 100 MB as it is sent). */
const largestFile = 100_000_000;
/** Between two chunks of a job, where the seed says nothing (ms). */
const defaultChunkMs = 5;

/** Creates the book of jobs; jobs that were handed over work by themselves, chunk after chunk. */
export function createIngestJobs(): IngestJobs {
  const jobs = new Map<string, IngestJob>();
  const later = (visit: Visit, job: IngestJob): void => {
    setTimeout(() => {
      if (isOver(job)) return;
      if (job.state === 'UploadComplete') readFile(visit.organization, job);
      else if (visit.organization.settings.bulkStalls !== true) {
        const made = saveChunk(visit.organization, visit.access, job);
        if (made > 0) visit.journal.created(job.object, visit.access.username, made);
      }
      later(visit, job);
    }, visit.organization.settings.bulkChunkMs ?? defaultChunkMs);
  };
  return {
    answer: (visit, id, part) => {
      const { method } = visit.request;
      if (id === '' && method === 'POST') {
        const job = newJob(visit, recordId('750', jobs.size + 1));
        jobs.set(job.id, job);
        return told(visit, job);
      }
      const job = jobs.get(id);
      if (job === undefined) throw notFound();
      if (part === '' && method === 'GET') return told(visit, job);
      if (part === '' && method === 'PATCH') {
        const { state } = bodyOf(visit.request);
        move(job, state);
        if (state === 'UploadComplete') later(visit, job);
        return told(visit, job);
      }
      if (part === 'batches' && method === 'PUT') return upload(visit, job);
      if (method === 'GET') return results(job, part);
      throw notFound();
    },
  };
}

function newJob({ organization, access, request }: Visit, id: string): IngestJob {
  const { object, operation, contentType = 'CSV', lineEnding = 'LF' } = bodyOf(request);
  if (typeof object !== 'string') throw new ApiError(400, 'INVALIDJOB', 'InvalidJob : Must specify a valid object');
  if (!operations.some((one) => one === operation)) throw new ApiError(400, 'INVALIDJOB', `InvalidJob : ${String(operation)} is not here`);
  if (contentType !== 'CSV' || (lineEnding !== 'LF' && lineEnding !== 'CRLF'))
    throw new ApiError(400, 'INVALIDJOB', 'InvalidJob : content');
  const right = operation === 'insert' ? 'create' : (operation as Exclude<Operation, 'insert'>);
  organization.definition(object);
  if (!mayDo(organization, access, right, object))
    throw new ApiError(400, 'INVALIDJOB', `InvalidJob : The user has no right to ${right} ${object}`);
  const createdDate = new Date().toISOString();
  const empty = { state: 'Open', file: null, lines: [], columns: [], successful: [], failed: [], errorMessage: null } as const;
  return { ...empty, id, object, operation: operation as Operation, lineEnding, user: access.id, createdDate, successful: [], failed: [] };
}

/** "Upload Job Data": once for each job, while it is open. */
function upload({ request }: Visit, job: IngestJob): SandboxReply {
  if (job.state !== 'Open' || job.file !== null) throw new ApiError(400, 'INVALIDJOBSTATE', 'InvalidJobState : the job takes no data');
  if (!(request.headers['content-type'] ?? '').startsWith('text/csv'))
    throw new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type must be text/csv');
  if (Buffer.byteLength(request.body) > largestFile) throw new ApiError(413, 'MAXIMUM_SIZE_EXCEEDED', 'InvalidBatch : content too large');
  job.file = request.body;
  return { status: 201 };
}

/** "Close or Abort a Job": a job that is over stays as it ended, and one without data is not handed over. */
function move(job: IngestJob, to: unknown): void {
  const may = to === 'Aborted' ? !isOver(job) : to === 'UploadComplete' && job.state === 'Open' && job.file !== null;
  if (!may) throw new ApiError(400, 'INVALIDJOBSTATE', `InvalidJobState : Invalid job state to set (${String(to)})`);
  job.state = to as JobState;
}

function told({ version }: Visit, job: IngestJob): SandboxReply {
  const { id, object, operation, lineEnding, user, createdDate, state, errorMessage } = job;
  return {
    status: 200,
    body: {
      ...{ id, object, operation, lineEnding, createdById: user, createdDate, state, apiVersion: Number(version) },
      ...{ contentType: 'CSV', columnDelimiter: 'COMMA', concurrencyMode: 'Parallel', jobType: 'V2Ingest' },
      ...(state === 'Open' ? { contentUrl: `services/data/v${version}/jobs/ingest/${id}/batches` } : {}),
      ...{ numberRecordsProcessed: doneLines(job), numberRecordsFailed: job.failed.length },
      ...(errorMessage === null ? {} : { errorMessage }),
    },
  };
}

/** The three files of results; nobody promises that their lines are in the order of the data. */
function results(job: IngestJob, part: string): SandboxReply {
  const files: Readonly<Record<string, readonly [readonly string[], IngestJob['lines']]>> = {
    successfulResults: [['sf__Id', 'sf__Created'], [...job.successful].reverse()],
    failedResults: [['sf__Id', 'sf__Error'], job.failed],
    unprocessedrecords: [[], job.lines.slice(doneLines(job))],
  };
  const file = files[part];
  if (file === undefined) throw notFound();
  if (!isOver(job)) throw new ApiError(400, 'INVALIDJOBSTATE', 'InvalidJobState : the job is not over');
  const [own, lines] = file;
  const body = stringify([...lines], { header: true, columns: [...own, ...job.columns], quoted: true });
  return { status: 200, headers: { 'content-type': 'text/csv' }, body };
}
