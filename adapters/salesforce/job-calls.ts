import type { Connection as Salesforce } from '@jsforce/jsforce-node';
import { parse } from 'csv-parse/sync';
import { strangeAnswer } from './failure.ts';
import { bulk } from './objects.ts';
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
  results(id: string, file: ResultFile): Promise<readonly Line[]>;
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
      return run(call, async (salesforce) => jobIn(await salesforce.request({ method: 'POST', url, body, headers: json }), call).id);
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
    results: (id, file) => {
      const call = reading('read the results of a job');
      return run({ ...call, csv: true, timeoutMs: call.timeoutMs * bulk.timeouts }, async (salesforce) => {
        const text: unknown = await salesforce.request(`${url}/${id}/${file}`);
        if (typeof text !== 'string') throw strangeAnswer(call, 200);
        return parse(text, { columns: true, skip_empty_lines: true }) as readonly Line[];
      });
    },
  };
}
