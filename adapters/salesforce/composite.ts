import type { AdapterError } from '../../contracts/failures.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { Subject } from './failure.ts';
import { replyFailure, strangeAnswer } from './failure.ts';

/** Calls that go in one (REST guide, "Composite": subrequests of one request). They count as one against the organization's limit. */
export const compositeSize = 25;

/** The oldest version that takes calls of one composite in their order (REST guide, "Composite Request Body": `collateSubrequests`). */
export const compositeVersion = 48;

/** One call of a composite; `url` begins with `/services/data`. */
export interface Subrequest {
  readonly method: 'GET' | 'PATCH';
  readonly url: string;
  readonly httpHeaders?: Readonly<Record<string, string>>;
  readonly body?: Fields;
}

/** What one call of a composite was answered. */
export interface Subreply {
  readonly body: unknown;
  readonly etag: string | null;
}

/**
 * The body of a composite whose calls are made one after the other, each for itself: none is taken back for another that failed, and none is put
 * together with others.
 */
export function compositeBody(calls: readonly Subrequest[]): string {
  const compositeRequest = calls.map((call, place) => ({ ...call, referenceId: nameOf(place) }));
  return JSON.stringify({ allOrNone: false, collateSubrequests: false, compositeRequest });
}

/** Whether a composite would take a text of these fields for a reference to another of its calls (`@{name.field}`). */
export function refers(fields: Fields): boolean {
  return JSON.stringify(fields).includes('@{');
}

/** What each of so many calls of a composite was answered, at its place, or why it failed. Throws where the answer does not tell it of each. */
export function subrepliesIn(answer: unknown, count: number, subject: Subject): readonly (Subreply | AdapterError)[] {
  const { compositeResponse } = (answer ?? {}) as { readonly compositeResponse?: unknown };
  if (!Array.isArray(compositeResponse) || compositeResponse.length !== count) throw strangeAnswer(subject, 200);
  const byName = new Map(compositeResponse.map((told: unknown) => [(told as Told | null)?.referenceId, told as Told]));
  return Array.from({ length: count }, (_, place) => subreply(byName.get(nameOf(place)), subject));
}

interface Told {
  readonly referenceId?: unknown;
  readonly httpStatusCode?: unknown;
  readonly httpHeaders?: unknown;
  readonly body?: unknown;
}

function subreply(told: Told | undefined, subject: Subject): Subreply | AdapterError {
  const { httpStatusCode: status, body } = told ?? {};
  if (typeof status !== 'number') throw strangeAnswer(subject, 200);
  const headers = headersIn(told?.httpHeaders);
  if (status >= 400) return replyFailure(subject, { status, text: JSON.stringify(body ?? null), headers });
  return status >= 200 && status < 300 ? { body, etag: headers.get('etag') } : strangeAnswer(subject, status);
}

function headersIn(given: unknown): Headers {
  const entries = typeof given === 'object' && given !== null ? Object.entries(given as Readonly<Record<string, unknown>>) : [];
  return new Headers(entries.flatMap(([name, value]): [string, string][] => (typeof value === 'string' ? [[name, value]] : [])));
}

/** Names of calls have letters, digits and underscores only ("Composite Subrequest Result"). */
function nameOf(place: number): string {
  return `call${String(place)}`;
}
