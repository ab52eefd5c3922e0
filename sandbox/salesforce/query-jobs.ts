import { stringify } from 'csv-stringify/sync';
import type { SandboxReply } from '../http-server.ts';
import { ApiError, notFound } from './errors.ts';
import { mayDo } from './organization.ts';
import { runQuery } from './querying.ts';
import { recordId } from './record-id.ts';
import { bodyOf, type Visit } from './resources.ts';
import { parseSoql, type Query } from './soql.ts';

/** Jobs of the Bulk API 2.0 that read data, under `jobs/query`. */
export interface QueryJobs {
  /** `id` and `part` are empty where the path has none. */
  answer(visit: Visit, id: string, part: string): SandboxReply;
}

interface QueryJob {
  readonly id: string;
  readonly query: Query;
  readonly text: string;
  state: 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';
  rows: readonly Readonly<Record<string, unknown>>[];
}

/** Characters of a statement ("SOQL and SOSL Limits"), and rows of one file of results where nobody asks for fewer. */
const [longestStatement, pageSize] = [100_000, 50_000];
/** Between two steps of a job, where the seed says nothing (ms). */
const defaultStepMs = 5;

/** Creates the book of jobs; each reads when its turn comes, not when it is ordered. */
export function createQueryJobs(): QueryJobs {
  const jobs = new Map<string, QueryJob>();
  const later = (visit: Visit, job: QueryJob): void => {
    setTimeout(() => {
      if (job.state === 'UploadComplete') {
        job.state = 'InProgress';
        later(visit, job);
      } else if (job.state === 'InProgress') {
        job.state = visit.organization.settings.bulkQueriesFail === true ? 'Failed' : 'JobComplete';
        if (job.state === 'JobComplete') job.rows = runQuery(visit.organization, visit.version, job.query);
      }
    }, visit.organization.settings.bulkChunkMs ?? defaultStepMs);
  };
  return {
    answer: (visit, id, part) => {
      const { method } = visit.request;
      if (id === '' && method === 'POST') {
        const job = newJob(visit, recordId('750', 500_000 + jobs.size));
        jobs.set(job.id, job);
        later(visit, job);
        return told(visit, job);
      }
      const job = jobs.get(id);
      if (job === undefined) throw notFound();
      if (part === '' && method === 'GET') return told(visit, job);
      if (part === '' && method === 'PATCH' && bodyOf(visit.request)['state'] === 'Aborted') {
        if (job.state !== 'UploadComplete' && job.state !== 'InProgress') throw new ApiError(400, 'INVALIDJOBSTATE', 'InvalidJobState');
        job.state = 'Aborted';
        return told(visit, job);
      }
      if (part === 'results' && method === 'GET') return results(visit, job);
      throw notFound();
    },
  };
}

function newJob({ organization, access, request }: Visit, id: string): QueryJob {
  const { operation, query: text } = bodyOf(request);
  if (operation !== 'query' || typeof text !== 'string') throw new ApiError(400, 'INVALIDJOB', 'InvalidJob : query');
  if (text.length > longestStatement)
    throw new ApiError(400, 'MALFORMED_QUERY', `SOQL statements cannot be longer than ${String(longestStatement)} characters.`);
  const query = parseSoql(text);
  if (query.fields === null) throw new ApiError(400, 'API_ERROR', 'Aggregate queries are not supported in the Bulk API');
  if (!mayDo(organization, access, 'read', query.type))
    throw new ApiError(400, 'INVALID_TYPE', `sObject type '${query.type}' is not supported.`);
  return { id, query, text, state: 'UploadComplete', rows: [] };
}

function told({ version }: Visit, { id, query, state, rows }: QueryJob): SandboxReply {
  const fixed = { operation: 'query', contentType: 'CSV', columnDelimiter: 'COMMA', lineEnding: 'LF', jobType: 'V2Query' };
  return {
    status: 200,
    body: { id, object: query.type, state, ...fixed, apiVersion: Number(version), numberRecordsProcessed: rows.length },
  };
}

/** "Get Results for a Query Job": the next rows, and in a header where those behind them are. */
function results({ organization, request }: Visit, { query, rows, state }: QueryJob): SandboxReply {
  if (state !== 'JobComplete') throw new ApiError(400, 'INVALIDJOBSTATE', 'InvalidJobState : the job has no results');
  const from = Number(Buffer.from(request.query.get('locator') ?? '', 'base64').toString());
  const page = rows.slice(from, from + Number(request.query.get('maxRecords') ?? organization.settings.queryPage ?? pageSize));
  const end = from + page.length;
  const columns = query.fields ?? [];
  const body = stringify(
    page.map((row) => columns.map((name) => cellOf(row[name]))),
    { header: true, columns: [...columns], quoted: true },
  );
  const locator = end < rows.length ? Buffer.from(String(end)).toString('base64') : 'null';
  return {
    status: 200,
    headers: { 'content-type': 'text/csv', 'sforce-locator': locator, 'sforce-numberofrecords': String(page.length) },
    body,
  };
}

/** A value as a file has it: instants end with Z there, and nothing is an empty cell. */
function cellOf(value: unknown): string {
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value.replace(/^(\d{4}-\d\d-\d\dT[\d:.]+)\+0000$/, '$1Z') : '';
}
