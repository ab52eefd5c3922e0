import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Agent, request, type Dispatcher } from 'undici';
import type { ClockReading } from '../contracts/adapter.ts';
import type { Answered, CallMeter, StartedCall } from '../contracts/calls.ts';
import { AdapterError } from '../contracts/failures.ts';

/** One HTTP call to an outside system. */
export interface HttpCall {
  /** Name of the system in the plan, and what is being done, for messages. */
  readonly system: string;
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds until the call is given up, reading the body included. */
  readonly timeoutMs: number;
  /** The call may change records: when its answer is lost, its outcome is unknown. */
  readonly writes: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Runs right before the call is sent; what it throws passes through unchanged, and nothing was sent. */
  readonly beforeSend?: (() => void) | undefined;
  /** Who counts the calls to this instance of the system, and what an answer says of the system's own count. */
  readonly metered?:
    | { readonly meter: CallMeter | undefined; readonly instance: string; readonly countIn?: (headers: Headers) => Answered['count'] }
    | undefined;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Failures of name look-up and connecting: no byte of the request has left. */
const notSentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Connections are kept from call to call, but never longer idle than this (ms), whatever a server promises: servers close theirs after 2 s (gunicorn),
 * 5 s (Node, Apache) or more, and a write on a connection that is being closed would be of unknown outcome for nothing.
 */
const idleMs = 1_000;
const connections = new Agent({ keepAliveTimeout: idleMs, keepAliveMaxTimeout: idleMs });

/** Statuses by which a gateway or a server says that it gave up waiting and does not know what became of the call. */
const gaveUpStatuses = new Set([408, 502, 503, 504]);
/**
 * The longest wait a system is believed to ask for (ms). Where it asks for more it is asked again after this, by a call that costs it nothing: a person who
 * has lifted the limit there, or a header that was a mistake, is not waited for a whole day.
 */
const longestWaitMs = 3_600_000;

/**
 * Sends one call, without retries and without following redirects, and returns any answer that is the system's own.
 * Rejects with kind `unavailable` for refused connections, timeouts, resets, bodies that break off or cannot be unpacked, 408, 502, 503 and
 * 504 (`unknownOutcome` is set when the call writes and may have arrived), and `throttled` for 429; with the wait from `Retry-After`.
 * A metered call is sent when its meter lets it, and rejects with BudgetWait where that is not soon; a write, which has a deadline, does not wait.
 */
export async function sendHttp(call: HttpCall): Promise<HttpReply> {
  if (call.signal?.aborted === true) throw failure(call, 'was called off before it was sent', { unknownOutcome: false });
  const reply = await metered(call);
  if (gaveUpStatuses.has(reply.status)) {
    const what = `was answered with status ${String(reply.status)}`;
    throw failure(call, what, { unknownOutcome: call.writes, ...retryAfter(reply.headers) });
  }
  if (reply.status === 429) throw throttled(call, retryAfter(reply.headers));
  return reply;
}

async function metered(call: HttpCall): Promise<HttpReply> {
  const { meter, instance, countIn } = call.metered ?? {};
  if (meter === undefined || instance === undefined) {
    call.beforeSend?.();
    return exchange(call);
  }
  const started = await startedBy(meter, instance, call);
  let answered: Answered = {};
  try {
    call.beforeSend?.();
    const reply = await exchange(call);
    const count = countIn?.(reply.headers);
    answered = { ...(reply.status >= 400 ? retryAfter(reply.headers) : {}), ...(count === undefined ? {} : { count }) };
    return reply;
  } finally {
    await started.end(answered);
  }
}

/** A call that the ledger could not be asked for was not sent: its outcome is known. */
async function startedBy(meter: CallMeter, instance: string, call: HttpCall): Promise<StartedCall> {
  try {
    return await meter.start(instance, call.signal === undefined);
  } catch (error) {
    if (error instanceof AdapterError) throw error;
    const { system, operation } = call;
    const why = error instanceof Error ? error.message : 'it does not answer';
    const message = `${system}: ${operation} was not sent, because the ledger could not be asked for a call: ${why}. Check that the ledger is up.`;
    throw new AdapterError('unavailable', message, { system, operation, unknownOutcome: false, cause: error });
  }
}

/** The header cuts off the fraction of a second (RFC 9110, section 5.6.7). */
const dateResolutionMs = 1000;

/** The server's clock by the header `Date` of an answer. Rejects with kind `unsupported` where there is none. */
export function dateReading(headers: Headers, system: string): ClockReading {
  const earliestMs = Date.parse(headers.get('date') ?? '');
  if (!Number.isNaN(earliestMs)) return { earliestMs, latestMs: earliestMs + dateResolutionMs - 1 };
  throw new AdapterError(
    'unsupported',
    `${system}: the answer has no header Date, so the system's clock cannot be read. Let the proxy in front of it pass the header on.`,
    { system, operation: 'read the clock' },
  );
}

async function exchange(call: HttpCall): Promise<HttpReply> {
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
  try {
    // Without `fetch`, whose streams cost as much again as all else about a call of many records.
    const { statusCode, headers, body } = await request(call.url, {
      method: call.method,
      headers: { ...accepted, ...call.headers },
      signal,
      dispatcher: connections,
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    const answered = headersOf(headers);
    return { status: statusCode, headers: answered, text: await textOf(body, answered.get('content-encoding')) };
  } catch (error) {
    if (timeout.aborted)
      throw failure(call, `got no answer within ${String(call.timeoutMs)} ms`, { unknownOutcome: call.writes, cause: error });
    if (signal.aborted) throw failure(call, 'was called off while it was under way', { unknownOutcome: call.writes, cause: error });
    const code = networkCode(error);
    throw failure(call, `failed on the network (${code})`, { unknownOutcome: call.writes && !notSentCodes.has(code), cause: error });
  }
}

/** Said with every call: some servers and gateways refuse one that does not tell who asks. */
const accepted = { accept: '*/*', 'accept-encoding': 'gzip', 'user-agent': 'cutover' } as const;
const unpack = promisify(gunzip);

function headersOf(given: Dispatcher.ResponseData['headers']): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(given)) for (const value of [values ?? []].flat()) headers.append(name, value);
  return headers;
}

/** The text of a body, unpacked where it is packed. */
async function textOf(body: Dispatcher.ResponseData['body'], encoding: string | null): Promise<string> {
  return encoding === 'gzip' || encoding === 'x-gzip' ? (await unpack(await body.bytes())).toString('utf8') : body.text();
}

interface FailureFacts extends RetryAfter {
  readonly unknownOutcome: boolean;
  readonly cause?: unknown;
}

function failure(call: HttpCall, what: string, facts: FailureFacts): AdapterError {
  const remedy = facts.unknownOutcome
    ? 'It may have been applied: read the system before sending it again.'
    : 'Nothing was changed by it; check that the system is up and its address is right.';
  const { system, operation } = call;
  return new AdapterError('unavailable', `${system}: ${operation} ${what}. ${remedy}`, { system, operation, ...facts });
}

function throttled({ system, operation }: HttpCall, wait: RetryAfter): AdapterError {
  const when = wait.retryAfterMs === undefined ? 'later' : `in ${String(Math.ceil(wait.retryAfterMs / 1000))} s`;
  return new AdapterError('throttled', `${system}: ${operation} was refused because of too many calls. Try again ${when}.`, {
    system,
    operation,
    ...wait,
  });
}

/** The wait an answer asks for (ms); empty where it asks for none. */
export interface RetryAfter {
  readonly retryAfterMs?: number;
}

/**
 * `Retry-After` holds seconds or an HTTP date (RFC 9110, section 10.2.3). A date is the server's, so it is compared with the date of
 * the same answer: our clocks may differ.
 */
export function retryAfter(headers: Headers): RetryAfter {
  const asked = headers.get('retry-after')?.trim();
  if (asked === undefined) return {};
  if (/^\d+$/.test(asked)) return { retryAfterMs: Math.min(longestWaitMs, Number(asked) * 1000) };
  const at = /^[a-z]{3,9},? /i.test(asked) ? Date.parse(asked) : Number.NaN;
  if (Number.isNaN(at)) return {};
  const sentAt = Date.parse(headers.get('date') ?? '');
  const waitMs = at - (Number.isNaN(sentAt) ? Date.now() : sentAt);
  return { retryAfterMs: Math.min(longestWaitMs, Math.max(0, waitMs)) };
}

/**
 * The code of the innermost cause: there are several errors in one when a name has several addresses. Read by shape, because an error of another realm
 * is no `Error` here.
 */
function networkCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  const { errors, cause, code, name } = error as {
    readonly errors?: readonly unknown[];
    readonly cause?: unknown;
    readonly code?: unknown;
    readonly name?: unknown;
  };
  if (cause !== undefined) return networkCode(cause);
  if (errors?.[0] !== undefined) return networkCode(errors[0]);
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
}
