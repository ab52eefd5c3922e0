import type { FailureKind } from '../../contracts/failures.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { HttpReply, RetryAfter } from '../http.ts';
import { retryAfter } from '../http.ts';
import type { Json } from './values.ts';
import { isList, isObject } from './values.ts';

/** Tryton's clear no to one call: its transaction was rolled back, nothing was applied. */
export class Refusal extends AdapterError {}

/** Tryton knows no such session, or the login is wrong. */
export class Unauthorized extends AdapterError {}

/**
 * A no of our own, before Tryton was asked or after it answered. It is made deep below the port, where nobody knows what the plan calls
 * the system: `named` says it where the refusal leaves the adapter.
 */
export class OwnRefusal extends Refusal {
  /** The field it is about, as a path, where it is about one. */
  readonly field: string | null;

  constructor(kind: FailureKind, sentence: string, operation = 'write', field: string | null = null) {
    super(kind, sentence, { system: 'tryton', operation });
    this.field = field;
  }

  named(system: string): Refusal {
    return new Refusal(this.kind, namedIn(system, this.message), { system, operation: this.operation });
  }
}

/** A sentence with the plan's name of the system before it; what Tryton itself refused has it already. */
export function namedIn(system: string, sentence: string): string {
  return sentence.startsWith(`${system}: `) ? sentence : `${system}: ${sentence}`;
}

export interface CallName {
  readonly system: string;
  readonly operation: string;
  /** The call may change records. */
  readonly writes: boolean;
}

/** Names of models, fields and buttons that may be repeated to people; everything else Tryton quotes may be record contents. */
const labels =
  'Party|Code|Name|Address|Addresses|Street|City|Postal Code|Country|Contact Mechanism|Contact Mechanisms|Type|Value|Identifiers|' +
  'Product|Product Template|Product List Price|Variants|List Price|Default UoM|Sale UoM|Salable|Account Category|Product Template.Account Category|' +
  'Sale|Sale Line|Lines|Line|Reference|Number|Description|Comment|Sale Date|Currency|Payment Term|Invoice Address|Shipment Address|' +
  'Quantity|Unit|Unit Price|Taxes|Tax|State|Active|quote|confirm|draft|cancel|delete|process';

/** A name that may be repeated, with the quotation marks around it. */
const label = new RegExp(`("(?:${labels})")`);

/** What kind of no a user error is, by Tryton's own English texts (calls ask for English); `message.xml` of ir, party, product, sale in 8.2. */
const refusalKinds: readonly (readonly [RegExp, FailureKind])[] = [
  [/must be unique/, 'duplicate'],
  [/that don't exist/, 'notFound'],
  [/^You are not allowed to (access|create|read|write|delete)/, 'auth'],
  [/^You can not call|you must cancel it|^Calling button|because they are used by|^You are not allowed to modify the field/, 'unsupported'],
];

/**
 * The result of an answered call; throws `Refusal` for Tryton's own errors and AdapterError for everything that is no answer of Tryton
 * to this very call. `id` is the request's, which Tryton repeats.
 */
export function resultOf(reply: HttpReply, call: CallName, id: number): Json {
  if (reply.status !== 200) throw statusError(reply, call);
  const answer = parsed(reply.text);
  if (!isObject(answer) || (answer['id'] ?? id) !== id) throw strangeAnswer(call);
  if ('result' in answer) return answer['result'] ?? null;
  if (isList(answer['error'])) throw answeredError(answer['error'], call);
  throw strangeAnswer(call);
}

/** An answer that is not Tryton's, or not one to what was asked: it says nothing about any record. */
export function strangeAnswer(call: CallName): AdapterError {
  return notFromTryton(
    call,
    "is not what Tryton answers to it. Check that the address is Tryton's and that nothing in between answers for it",
  );
}

function notFromTryton(call: CallName, what: string, facts: RetryAfter = {}): AdapterError {
  const { system, operation, writes } = call;
  return new AdapterError('unavailable', `${system}: the answer to ${operation} ${what}.`, {
    system,
    operation,
    unknownOutcome: writes,
    ...facts,
  });
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/**
 * Tryton answers with a status other than 200 before it looks at any record, except 413 for a call that is too large: halves of it may
 * pass. Statuses that gateways answer with say nothing about what became of the call behind them.
 */
function statusError({ status, headers }: HttpReply, call: CallName): AdapterError {
  const { system, operation } = call;
  const untouched = (kind: FailureKind, why: string, Failure = AdapterError): AdapterError =>
    new Failure(kind, `${system}: ${operation} was refused: ${why}. Nothing was changed by it.`, {
      system,
      operation,
      ...retryAfter(headers),
    });
  switch (status) {
    case 401:
      return untouched('auth', 'the session has ended or the login is wrong', Unauthorized);
    case 403:
      return untouched('auth', 'this Tryton does not offer the method, or something before it lets nobody through (status 403)');
    case 404:
    case 405:
      return untouched('unavailable', `the address or the database name is wrong (status ${String(status)})`);
    case 400:
    case 422:
      return untouched('unavailable', `Tryton could not read the request (status ${String(status)}); look for what changes it on its way`);
    case 413:
      return new Refusal('invalidData', `${system}: ${operation} was refused: it is too large for Tryton or for what is before it.`, call);
    default:
      return notFromTryton(call, `has status ${String(status)}. Look into Tryton's log and at what is before it`, retryAfter(headers));
  }
}

function answeredError(error: readonly Json[], call: CallName): AdapterError {
  const [name, details] = error;
  const say = (kind: FailureKind, text: string): Refusal =>
    new Refusal(kind, `${call.system}: ${call.operation} was refused: ${text}`, call);
  // Tryton asks for a second factor, or another way to log in.
  if (name === 'LoginException')
    return new AdapterError(
      'auth',
      `${call.system}: Tryton asked for more than a password. Give the runner's user plain password login.`,
      call,
    );
  if (name === 'ConcurrencyException') return say('conflict', 'somebody changed the record since it was read.');
  if (name === 'UserWarning') return say('invalidData', 'Tryton wants a warning confirmed by a person.');
  if (name === 'UserError' && isList(details) && typeof details[0] === 'string') {
    const text = details[0];
    return say(refusalKinds.find(([pattern]) => pattern.test(text))?.[1] ?? 'invalidData', withoutContents(text));
  }
  // A Python KeyError: the text is nothing but the quoted name of a field or model.
  const unknownName = /^'([\w.]+)'$/.exec(typeof name === 'string' ? name : '');
  if (unknownName) return say('invalidData', `Tryton does not know "${String(unknownName[1])}".`);
  return new AdapterError('unavailable', `${call.system}: ${call.operation} failed inside Tryton. Look into Tryton's log.`, {
    ...call,
    unknownOutcome: call.writes,
  });
}

/** The record that a refusal is about: `… record "<name>" of "<model>" …`. A name may hold quotation marks, so that it ends before the last model. */
const record = /^([\s\S]*? record )"([\s\S]*)"( of "([^"]*)"[\s\S]*)$/;
/** Models whose records are named by keys. */
const documents: readonly string[] = ['Sale', 'Sale Line', 'Product'];

/** Tryton quotes values and record names in its messages; only names of fields, models and buttons stay, and the keys of what it is about. */
function withoutContents(text: string): string {
  const [, before = text, name, after = '', model = ''] = record.exec(text) ?? [];
  const told = name === undefined ? '' : `"${documents.includes(model) ? keysIn(name) : '…'}"`;
  return `${withoutQuoted(before)}${told}${withoutQuoted(after)}`.trimStart().split('\n')[0] ?? '';
}

/**
 * A text without what stands in quotation marks between two labels. What is quoted may hold such marks itself: it ends at the last one; where one is
 * without another nobody can tell what is quoted, and nothing is told.
 */
function withoutQuoted(text: string): string {
  const pieces = text.split(label).map((piece, index) => {
    const marks = piece.split('"').length - 1;
    if (index % 2 === 1 || marks === 0) return piece;
    return marks % 2 === 1 ? ' … ' : `${piece.slice(0, piece.indexOf('"'))}"…"${piece.slice(piece.lastIndexOf('"') + 1)}`;
  });
  return pieces.join('');
}

/**
 * The number of the article of a line, and of its document: Tryton's `rec_name` of a product is `[<code>] <name>`, of a sale `<number> [<reference>]`, and
 * of a line `<quantity> <product> @ <sale>` (modules product and sale, 8.2). Nothing else of a name is told.
 */
function keysIn(name: string): string {
  const at = name.lastIndexOf(' @ ');
  const [article, sale] = at < 0 ? [bracketed(name), null] : [bracketed(name.slice(0, at)), bracketed(name.slice(at))];
  if (article === null && sale === null) return '…';
  if (at < 0) return `[${article ?? ''}]`;
  return [article === null ? '…' : `[${article}] …`, sale === null ? '@ …' : `@ [${sale}]`].join(' ');
}

/** A key that stands in brackets: no blanks and no quotation marks in it, and no longer than numbers are. */
function bracketed(text: string): string | null {
  return /\[([^\s\]"]{1,40})\]/.exec(text)?.[1] ?? null;
}
