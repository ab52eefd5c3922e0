import type { ClockReading } from '../contracts/adapter.ts';
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
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Failures of name look-up and connecting: no byte of the request has left. */
const notSentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** Statuses by which a gateway says that it does not know what became of the call behind it. */
const gatewayStatuses = new Set([502, 503, 504]);

/**
 * Sends one call, without retries and without following redirects, and returns any answer that is the system's own.
 * Rejects with kind `unavailable` for refused connections, timeouts, resets, 502, 503 and 504 (`unknownOutcome` is set when the call
 * writes and may have arrived), and `throttled` for 429 with the wait from `Retry-After`.
 */
export async function sendHttp(call: HttpCall): Promise<HttpReply> {
  if (call.signal?.aborted === true) throw failure(call, 'was called off before it was sent', false);
  call.beforeSend?.();
  const reply = await exchange(call);
  if (gatewayStatuses.has(reply.status)) throw failure(call, `was answered with status ${String(reply.status)}`, call.writes);
  if (reply.status === 429) throw throttled(call, reply.headers.get('retry-after'));
  return reply;
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
    const response = await fetch(call.url, {
      method: call.method,
      // A connection for each call: a kept one that the system closes just then would leave a write unknown for nothing.
      headers: { ...call.headers, connection: 'close' },
      signal,
      redirect: 'manual',
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    if (timeout.aborted) throw failure(call, `got no answer within ${String(call.timeoutMs)} ms`, call.writes, error);
    if (signal.aborted) throw failure(call, 'was called off while it was under way', call.writes, error);
    const code = networkCode(error);
    throw failure(call, `failed on the network (${code})`, call.writes && !notSentCodes.has(code), error);
  }
}

function failure(call: HttpCall, what: string, unknownOutcome: boolean, cause?: unknown): AdapterError {
  const remedy = unknownOutcome
    ? 'It may have been applied: read the system before sending it again.'
    : 'Nothing was changed by it; check that the system is up and its address is right.';
  return new AdapterError('unavailable', `${call.system}: ${call.operation} ${what}. ${remedy}`, {
    system: call.system,
    operation: call.operation,
    unknownOutcome,
    cause,
  });
}

function throttled(call: HttpCall, retryAfter: string | null): AdapterError {
  const retryAfterMs = waitMs(retryAfter);
  const wait = retryAfterMs === null ? 'later' : `in ${String(Math.ceil(retryAfterMs / 1000))} s`;
  return new AdapterError('throttled', `${call.system}: ${call.operation} was refused because of too many calls. Try again ${wait}.`, {
    system: call.system,
    operation: call.operation,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

/** `Retry-After` holds seconds or an HTTP date (RFC 9110, section 10.2.3). */
function waitMs(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

/**
 * The code of the innermost cause: `fetch` wraps the socket's own error, and several when a name has several addresses. Read by
 * shape, because an error of another realm is no `Error` here.
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
