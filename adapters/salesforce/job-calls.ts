import type { Connection as Salesforce } from '@jsforce/jsforce-node';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { strangeAnswer } from './failure.ts';
import { bulk, loadHeaders } from './objects.ts';
import { jobIn, type Job } from './shapes.ts';
import type { Call, WriteCall } from './transport.ts';

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

interface JobCallsInput {
  readonly run: <T>(call: Call, work: (salesforce: Salesforce) => Promise<T>) => Promise<T>;
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
        const text: unknown = await salesforce.request(`${url}/${id}/${file}`);
        if (typeof text !== 'string') throw strangeAnswer(call, 200);
        return linesIn(text, column);
      });
    },
  };
}

/** Characters that are read at once: others go on between two of them. */
const sliceLength = 65_536;

/** Rejects with csv-parse's own error where the text is no file of comma-separated values. */
async function linesIn(text: string, column: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  const parser = Readable.from(slicesOf(text)).pipe(parse({ columns: true, skip_empty_lines: true }));
  for await (const line of parser as AsyncIterable<Line>)
    lines.push(Object.fromEntries(['sf__Id', 'sf__Error', column].map((name) => [name, line[name] ?? ''])));
  return lines;
}

function* slicesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; start += sliceLength) yield text.slice(start, start + sliceLength);
}
