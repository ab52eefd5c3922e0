import { isStopVerb, maxDecisionBytes } from './decision.ts';
import { utf8Bytes } from './size.ts';

/** Bounds of an inbox: messages kept, of them reserved for stop verbs, kept per claimed sender and class, ids of turned-away messages. */
export const inboxCaps = { messages: 64, reservedForStops: 16, perSender: 16, turnedAway: 32 } as const;

/** A message as its signal brought it, read once: its text, and what it claims to be. Nothing of it is verified yet. */
export interface InboxMessage {
  readonly requestId: string | null;
  readonly by: string | null;
  readonly stops: boolean;
  readonly signal: string;
  readonly body: string;
}

/** A message that was not kept. Only what was turned away as `busy` may be sent again as it is. */
export interface TurnedAway {
  readonly requestId: string | null;
  readonly why: 'busy' | 'tooLarge' | 'unreadable';
}

/** Messages that wait to be verified, oldest first, and the newest of those turned away. */
export interface Inbox {
  readonly messages: readonly InboxMessage[];
  readonly turnedAway: readonly TurnedAway[];
}

export const emptyInbox: Inbox = { messages: [], turnedAway: [] };

/** The signal that carries go and no-go; every other signal carries the one verb it is named after. */
const decideSignal = 'decide';

/** Longest id or sender that is kept of an unverified message. */
const maxLabel = 64;

/** The text of what a signal carried; null where it has none (circular, a function, a getter that throws). */
function textOf(body: unknown): string | null {
  if (typeof body === 'string') return body;
  try {
    const text: unknown = JSON.stringify(body);
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}

/** What the text claims, as a reader of its fields; a text that is no JSON object claims nothing. */
function claimsOf(text: string): (name: string) => unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (name) => Reflect.get(parsed, name) as unknown : () => null;
  } catch {
    return () => null;
  }
}

function label(claim: unknown): string | null {
  return typeof claim === 'string' ? claim.slice(0, maxLabel) : null;
}

function messageOf(signal: string, body: string): InboxMessage {
  const claims = claimsOf(body);
  const stops = isStopVerb(signal === decideSignal ? claims('verb') : signal);
  return { requestId: label(claims('requestId')), by: label(claims('by')), stops, signal, body };
}

/** Whether the caps leave room: stop verbs may use the whole inbox, others not the reserved share. */
function hasRoom(inbox: Inbox, { by, stops }: InboxMessage): boolean {
  const sameClass = inbox.messages.filter((message) => message.stops === stops);
  if (sameClass.filter((message) => message.by === by).length >= inboxCaps.perSender) return false;
  if (inbox.messages.length >= inboxCaps.messages) return false;
  return stops || sameClass.length < inboxCaps.messages - inboxCaps.reservedForStops;
}

function turnAway(inbox: Inbox, requestId: string | null, why: TurnedAway['why']): Inbox {
  return { ...inbox, turnedAway: [...inbox.turnedAway, { requestId, why }].slice(-inboxCaps.turnedAway) };
}

/**
 * Adds what a signal carried, to be verified later; a text that is no JSON object is kept too, to be refused with a reason. Never throws and
 * never grows beyond its caps. The cap of a sender is kept apart for stop verbs, so that nobody can keep a person from stopping by writing in
 * their name.
 */
export function receive(inbox: Inbox, signal: string, carried: unknown): Inbox {
  const body = textOf(carried);
  if (body === null) return turnAway(inbox, null, 'unreadable');
  const message = messageOf(signal, body);
  if (utf8Bytes(body) > maxDecisionBytes) return turnAway(inbox, message.requestId, 'tooLarge');
  if (!hasRoom(inbox, message)) return turnAway(inbox, message.requestId, 'busy');
  return { ...inbox, messages: [...inbox.messages, message] };
}

/** The oldest messages, at most `limit`, and the inbox without them. */
export function takeMessages(inbox: Inbox, limit: number): { readonly taken: readonly InboxMessage[]; readonly rest: Inbox } {
  return { taken: inbox.messages.slice(0, limit), rest: { ...inbox, messages: inbox.messages.slice(limit) } };
}
