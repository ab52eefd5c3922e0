import { PassThrough } from 'node:stream';
import type { HttpRequest, HttpResponse } from '@jsforce/jsforce-node';
import { Transport } from '@jsforce/jsforce-node/lib/transport.js';
import { StreamPromise } from '@jsforce/jsforce-node/lib/util/promise.js';
import type { Answered, CallMeter } from '../../contracts/calls.ts';
import { sendHttp, type HttpReply } from '../http.ts';
import { loginFailure, replyFailure, strangeAnswer } from './failure.ts';
import type { Subject } from './failure.ts';

/** One call to Salesforce: what it is about, and how it may be held back or called off. */
export interface Call extends Subject {
  readonly timeoutMs: number;
  /** The status says all; the body may be anything but a page, which is another server's. */
  readonly statusOnly?: boolean;
  /** The answer is a file of comma-separated values, or none. */
  readonly csv?: boolean;
  /** The call asks for a login, or ends one. */
  readonly login?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly beforeSend?: (() => void) | undefined;
  /** Who counts the organization's calls; logins do not count. */
  readonly metered?: { readonly meter: CallMeter | undefined; readonly instance: string };
}

/** How a write may be held back or called off. */
export interface WriteCall {
  readonly signal: AbortSignal;
  readonly beforeSend: () => void;
  readonly assigns?: boolean;
}

/** What the newest answers said about the organization. */
export interface Observed {
  /** How long a call counts against the organization's limit (ms). */
  readonly windowMs: number;
  /** From the header Sforce-Limit-Info, `api-usage=<used>/<limit>`: calls of the last 24 hours, of all users. */
  usage: { readonly used: number; readonly limit: number } | null;
  /** From the header Date: the server's clock minus ours (ms), to a second. */
  clockSkewMs: number;
}

/** Carries jsforce's requests without its retries: each is sent once, and a refusal becomes an AdapterError. */
export class SingleTransport extends Transport {
  readonly #call: Call;
  readonly #observed: Observed;
  /** Something was answered: what fails after that does so because of the shape of the answer. */
  answered = false;
  /** The headers of the newest answer. */
  headers = new Headers();

  constructor(call: Call, observed: Observed) {
    super();
    this.#call = call;
    this.#observed = observed;
  }

  override httpRequest(request: HttpRequest): StreamPromise<HttpResponse> {
    return StreamPromise.create(() => ({ stream: new PassThrough(), promise: this.#send(request) }));
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    const { system, operation, timeoutMs, writes, signal, beforeSend, metered } = this.#call;
    const { method, url, headers, body } = request;
    if (method === 'OPTIONS' || method === 'HEAD' || (body !== undefined && typeof body !== 'string'))
      throw new TypeError(`the Salesforce adapter does not send ${method} requests of this kind`);
    // jsforce counts the body's length itself; so does the client that sends it.
    const sent = Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => name !== 'content-length'));
    const reply = await sendHttp({
      system,
      operation,
      method,
      url,
      headers: sent,
      timeoutMs,
      writes,
      signal,
      beforeSend,
      metered:
        metered === undefined
          ? undefined
          : { meter: metered.meter, instance: metered.instance, countIn: (answered) => countIn(answered, this.#observed.windowMs) },
      ...(body === undefined ? {} : { body }),
    });
    this.#observe(reply.headers);
    this.answered = true;
    if (reply.status >= 400) throw (this.#call.login === true ? loginFailure : replyFailure)(this.#call, reply);
    const said = this.#saidIn(reply);
    if (reply.status >= 300 || said === undefined) throw strangeAnswer(this.#call, reply.status);
    const answer = { statusCode: reply.status, headers: Object.fromEntries(reply.headers) };
    // jsforce reads the answer to a login by itself; any other that is called a text it passes on as it is, so that nothing is parsed twice.
    if (this.#call.login === true) return { ...answer, body: reply.text };
    return { ...answer, headers: { ...answer.headers, 'content-type': 'text/plain' }, body: said as string };
  }

  /** What an answer says; undefined where it is not of the kind that was asked for. */
  #saidIn({ text, headers }: HttpReply): unknown {
    if (this.#call.statusOnly === true) return pageless(text);
    if (this.#call.csv !== true) return parsed(text);
    return text === '' || headers.get('content-type')?.startsWith('text/csv') === true ? text : undefined;
  }

  #observe(headers: Headers): void {
    this.headers = headers;
    const count = countIn(headers, this.#observed.windowMs);
    if (count !== undefined) this.#observed.usage = { used: count.used, limit: count.limit };
    const date = Date.parse(headers.get('date') ?? '');
    // The header cuts the second off, so the middle of it is the best guess.
    if (!Number.isNaN(date)) this.#observed.clockSkewMs = date + 500 - Date.now();
  }
}

/** The organization's own count of its calls, from the header Sforce-Limit-Info; undefined where an answer tells none. */
function countIn(headers: Headers, windowMs: number): Answered['count'] {
  const usage = /api-usage=(\d+)\/(\d+)/.exec(headers.get('sforce-limit-info') ?? '');
  return usage === null ? undefined : { used: Number(usage[1]), limit: Number(usage[2]), windowMs };
}

/** What an answer says; undefined where it is no JSON. All answers of the API are; some have no body. */
function parsed(text: string): unknown {
  if (text === '') return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An answer whose status says all; undefined where it is a page, which is another server's. */
function pageless(text: string): string | undefined {
  return text.trimStart().startsWith('<') ? undefined : text;
}
