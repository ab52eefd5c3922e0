import type { SandboxReply, SandboxRequest } from '../http-server.ts';
import { ApiError } from './errors.ts';
import type { Visit } from './resources.ts';
import { bodyOf } from './resources.ts';

/** Subrequests of one call, and the headers that they take from it and may not have themselves ("Composite Request Body"). */
const most = 25;
const inherited = ['accept', 'authorization', 'content-type'];

interface Subrequest {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** `POST composite` with allOrNone false, of calls to rows of objects: each succeeds or fails alone, in the order in which they stand. */
export function composite({ request }: Visit, answer: (request: SandboxRequest) => SandboxReply): SandboxReply {
  const { compositeRequest, allOrNone } = bodyOf(request);
  if (!Array.isArray(compositeRequest) || compositeRequest.length === 0) throw refused('compositeRequest is required');
  if (allOrNone === true) throw refused('this sandbox takes allOrNone false only');
  if (compositeRequest.length > most) throw refused(`Limit of ${String(most)} subrequests exceeded`);
  const calls = compositeRequest.map(subrequestOf);
  if (new Set(calls.map(({ referenceId }) => referenceId)).size < calls.length) throw refused('referenceId must be unique');
  return { status: 200, body: { compositeResponse: calls.map((call) => subreply(call, answer)) } };
}

function subrequestOf(given: unknown): Subrequest {
  const { method, url, referenceId, httpHeaders = {}, body } = given as Readonly<Record<string, unknown>>;
  if (typeof method !== 'string' || typeof url !== 'string' || typeof referenceId !== 'string')
    throw refused('method, url and referenceId are required');
  if (!/^\w+$/.test(referenceId)) throw refused(`Invalid referenceId ${referenceId}`);
  if (!/^\/services\/data\/v\d+\.0\/sobjects\//.test(url)) throw refused('this sandbox takes rows of objects only');
  const headers = Object.entries(httpHeaders as Readonly<Record<string, string>>).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    value,
  ]);
  const stray = headers.find(([name]) => inherited.includes(name));
  if (stray !== undefined) throw refused(`${stray[0]} may not be a header of a subrequest`);
  return { method, url, referenceId, httpHeaders: Object.fromEntries(headers), body };
}

/** What one call is answered. A text like `@{name.field}` is taken for a reference to another of them, of which this sandbox resolves none. */
function subreply({ method, url, referenceId, httpHeaders, body }: Subrequest, answer: (request: SandboxRequest) => SandboxReply): unknown {
  const text = body === undefined ? '' : JSON.stringify(body);
  const { pathname: path, searchParams: query } = new URL(url, 'http://sandbox');
  try {
    if (text.includes('@{')) throw new ApiError(400, 'PROCESSING_HALTED', 'Invalid reference specified.');
    const reply = answer({ method, path, query, headers: httpHeaders, body: text });
    return { body: reply.body ?? null, httpHeaders: vendorHeaders(reply), httpStatusCode: reply.status, referenceId };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, message, errorCode, fields } = error;
    return { body: [{ message, errorCode, fields }], httpHeaders: {}, httpStatusCode: status, referenceId };
  }
}

/** The headers of an answer in the vendor's own spelling. */
function vendorHeaders({ headers }: SandboxReply): Readonly<Record<string, string>> {
  const etag = headers?.['etag'];
  return etag === undefined ? {} : { ETag: etag };
}

function refused(message: string): ApiError {
  return new ApiError(400, 'JSON_PARSER_ERROR', message);
}
