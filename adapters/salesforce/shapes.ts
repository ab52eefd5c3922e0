import type { DescribeSObjectResult } from '@jsforce/jsforce-node';
import type { Fields } from '../../contracts/fields.ts';
import type { Subject } from './failure.ts';
import { strangeAnswer } from './failure.ts';

/** A record as Salesforce sends it; `attributes` tells its type. */
export interface SalesforceRow extends Fields {
  readonly Id: string;
}

/** One page of a query's answer: rows with an id, how many there are in all, and where the next ones are. */
export interface QueryPage {
  readonly records: readonly SalesforceRow[];
  readonly totalSize: number;
  readonly nextRecordsUrl: string | null;
}

/** A query's answer; anything else would be taken for an empty one. */
export function pageIn(answer: unknown, subject: Subject): QueryPage {
  const { records, totalSize, done, nextRecordsUrl } = objectIn(answer, subject);
  const next = typeof nextRecordsUrl === 'string' ? nextRecordsUrl : null;
  const whole = done === true || (done === false && next !== null);
  if (!whole || !Array.isArray(records) || !Number.isSafeInteger(totalSize) || !records.every(isRow)) throw strangeAnswer(subject, 200);
  return { records, totalSize: Number(totalSize), nextRecordsUrl: next };
}

export function rowIn(answer: unknown, id: string, subject: Subject): SalesforceRow {
  if (isRow(answer) && answer.Id.slice(0, 15) === id.slice(0, 15)) return answer;
  throw strangeAnswer(subject, 200);
}

export function describeIn(answer: DescribeSObjectResult, type: string, subject: Subject): DescribeSObjectResult {
  const { name, fields } = objectIn(answer, subject);
  if (name === type && Array.isArray(fields) && fields.every((field) => typeof objectIn(field, subject)['name'] === 'string'))
    return answer;
  throw strangeAnswer(subject, 200);
}

export function versionsIn(answer: unknown, subject: Subject): readonly string[] {
  const versions = Array.isArray(answer) ? answer.map((entry: unknown) => objectIn(entry, subject)['version']) : [];
  if (versions.length > 0 && versions.every((version) => typeof version === 'string')) return versions;
  throw strangeAnswer(subject, 200);
}

function objectIn(answer: unknown, subject: Subject): Readonly<Record<string, unknown>> {
  if (typeof answer === 'object' && answer !== null && !Array.isArray(answer)) return answer as Readonly<Record<string, unknown>>;
  throw strangeAnswer(subject, 200);
}

function isRow(row: unknown): row is SalesforceRow {
  return typeof row === 'object' && row !== null && 'Id' in row && typeof row.Id === 'string' && row.Id !== '';
}

/** A job as Salesforce tells of it. */
export interface Job {
  readonly id: string;
  readonly state: 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';
  /** Records dealt with, failed ones among them. */
  readonly processed: number;
  /** Why it failed, in Salesforce's words; empty where it says nothing. */
  readonly message: string;
}

const jobStates: ReadonlySet<unknown> = new Set(['Open', 'UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted']);

export function jobIn(answer: unknown, subject: Subject): Job {
  const { id, state, numberRecordsProcessed: processed = 0, errorMessage: message } = objectIn(answer, subject);
  // A state that is not known may be any: nothing can be told of its records.
  if (typeof id !== 'string' || !/^\w{15,18}$/.test(id) || !jobStates.has(state) || typeof processed !== 'number')
    throw strangeAnswer(subject, 200);
  return { id, state: state as Job['state'], processed, message: typeof message === 'string' ? message : '' };
}
