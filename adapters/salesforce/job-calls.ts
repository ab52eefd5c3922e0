import type { Connection as Salesforce } from '@jsforce/jsforce-node';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { strangeAnswer } from './failure.ts';
import { bulk, loadHeaders } from './objects.ts';
import { jobIn, type Job } from './shapes.ts';
import type { Call, SingleTransport, WriteCall } from './transport.ts';

/** A line of a file of results: the names of its columns with their cells. */
export type Line = Readonly<Record<string, string>>;

/** The three files that say what became of the rows of a job which is over. */
export const resultFiles = ['successfulResults', 'failedResults', 'unprocessedrecords'] as const;
export type ResultFile = (typeof resultFiles)[number];

/** Calls about jobs that make records (Bulk API 2.0, "Ingest"). Each rejects with AdapterError. */
export interface JobCalls {
  /** Makes a job that is open: it takes data and does nothing. Returns its id. */
  create(type: string, call: WriteCall): Promise<string>;
  upload(id: string, csv: string, call: WriteCall): Promise<void>;
  /** Hands a job over: from here on Salesforce makes its records. */
  start(id: string, call: WriteCall): Promise<void>;
  look(id: string): Promise<Job>;
  abort(id: string): Promise<void>;
  /** Of each line what Salesforce adds, and the cell of this column. */
  results(id: string, file: ResultFile, column: string): Promise<readonly Line[]>;
}

/** Calls about jobs that read records (Bulk API 2.0, "Query"). Each rejects with AdapterError. */
export interface QueryJobCalls {
  create(soql: string): Promise<string>;
  look(id: string): Promise<Job>;
  /** The rows behind a locator, or the first ones, and the locator of those behind them. */
  page(id: string, locator: string | null): Promise<{ readonly lines: readonly Line[]; readonly next: string | null }>;
}

interface JobCallsInput {
  readonly run: <T>(call: Call, work: (salesforce: Salesforce, transport: SingleTransport) => Promise<T>) => Promise<T>;
  readonly reading: (operation: string) => Call;
  readonly writing: (operation: string, call: WriteCall) => Call;
}

/** Without jsforce's own jobs: those look again until a time is over, and lose the id of a job with a failure. */
export function jobCalls({ run, reading, writing }: JobCallsInput): JobCalls {
  const url = '/jobs/ingest';
  const json = { 'content-type': 'application/json' };
  // None of these changes a record, so that a lost answer leaves nothing unknown.
  const harmless = (operation: string, call: WriteCall): Call => ({ ...writing(operation, call), writes: false });
  const setState = (call: Call, id: string, state: string): Promise<void> =>
    run(call, async (salesforce) => {
      const told: unknown = await salesforce.request({
        method: 'PATCH',
        url: `${url}/${id}`,
        body: JSON.stringify({ state }),
        headers: json,
      });
      jobIn(told, call);
    });
  return {
    create: (type, given) => {
      const call = harmless('create a job', given);
      const body = JSON.stringify({ object: type, operation: 'insert', contentType: 'CSV', lineEnding: 'LF' });
      return run(
        call,
        async (salesforce) => jobIn(await salesforce.request({ method: 'POST', url, body, headers: { ...json, ...loadHeaders } }), call).id,
      );
    },
    upload: (id, csv, given) => {
      const call: Call = { ...harmless('upload', given), statusOnly: true };
      const headers = { 'content-type': 'text/csv; charset=UTF-8' };
      return run({ ...call, timeoutMs: call.timeoutMs * bulk.timeouts }, async (salesforce) => {
        await salesforce.request({ method: 'PUT', url: `${url}/${id}/batches`, body: csv, headers });
      });
    },
    start: (id, given) => setState(writing('create', given), id, 'UploadComplete'),
    look: (id) => {
      const call = reading('look at a job');
      return run(call, async (salesforce) => jobIn(await salesforce.request(`${url}/${id}`), call));
    },
    abort: (id) => setState(reading('abort a job'), id, 'Aborted'),
    results: (id, file, column) => {
      const call = reading('read the results of a job');
      return run({ ...call, csv: true, timeoutMs: call.timeoutMs * bulk.timeouts }, async (salesforce) => {
        return linesIn(await salesforce.request(`${url}/${id}/${file}`), call, ['sf__Id', 'sf__Error', column]);
      });
    },
  };
}

export function queryJobCalls({ run, reading }: Pick<JobCallsInput, 'run' | 'reading'>): QueryJobCalls {
  const url = '/jobs/query';
  const call = reading('query by a job');
  return {
    create: (query) => {
      const body = JSON.stringify({ operation: 'query', query, contentType: 'CSV', lineEnding: 'LF' });
      return run(call, async (salesforce) => {
        const told: unknown = await salesforce.request({ method: 'POST', url, body, headers: { 'content-type': 'application/json' } });
        return jobIn(told, call).id;
      });
    },
    look: (id) => run(call, async (salesforce) => jobIn(await salesforce.request(`${url}/${id}`), call)),
    page: (id, locator) =>
      run({ ...call, csv: true, timeoutMs: call.timeoutMs * bulk.timeouts }, async (salesforce, transport) => {
        const lines = await linesIn(await salesforce.request(`${url}/${id}/results${locator === null ? '' : `?locator=${locator}`}`), call);
        const next = transport.headers.get('sforce-locator');
        // Without the header nobody can tell whether there are more.
        if (next === null || !/^[\w+/=-]+$/.test(next)) throw strangeAnswer(call, 200);
        return { lines, next: next === 'null' ? null : next };
      }),
  };
}

/** Characters that are read at once: others go on between two of them. */
const sliceLength = 65_536;

/** The lines of a file, or these columns of them. Rejects with csv-parse's own error where the text is no file of comma-separated values. */
async function linesIn(text: unknown, call: Call, columns: readonly string[] | null = null): Promise<readonly Line[]> {
  if (typeof text !== 'string') throw strangeAnswer(call, 200);
  const lines: Line[] = [];
  const parser = Readable.from(slicesOf(text)).pipe(parse({ columns: true, skip_empty_lines: true }));
  for await (const line of parser as AsyncIterable<Line>)
    lines.push(columns === null ? line : Object.fromEntries(columns.map((name) => [name, line[name] ?? ''])));
  return lines;
}

function* slicesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; start += sliceLength) yield text.slice(start, start + sliceLength);
}
