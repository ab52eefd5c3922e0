import { isStopVerb, maxDecisionBytes } from './decision.ts';
import { jsonBytes } from './size.ts';

/** Bounds of an inbox: messages kept, of them reserved for stop verbs, kept per claimed sender and class, ids of turned-away messages. */
export const inboxCaps = { messages: 64, reservedForStops: 16, perSender: 16, turnedAway: 32 } as const;

/** A message as it came, with what it claims to be; nothing of it is verified yet. */
export interface InboxMessage {
  readonly requestId: string | null;
  readonly by: string | null;
  readonly stops: boolean;
  readonly raw: unknown;
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

/** Longest id or sender that is kept of an unverified message. */
const maxLabel = 64;

function label(raw: unknown, name: 'requestId' | 'by'): string | null {
  const value: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, name) : null;
  return typeof value === 'string' ? value.slice(0, maxLabel) : null;
}

function verbStops(raw: unknown): boolean {
  return typeof raw === 'object' && raw !== null && isStopVerb(Reflect.get(raw, 'verb'));
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
 * Adds a message as a signal brought it, verified later. Never throws and never grows beyond its caps. The cap of a sender is kept
 * apart for stop verbs, so that nobody can keep a person from stopping by writing in their name.
 */
export function receive(inbox: Inbox, raw: unknown): Inbox {
  const bytes = jsonBytes(raw);
  if (bytes === null) return turnAway(inbox, null, 'unreadable');
  const message = { requestId: label(raw, 'requestId'), by: label(raw, 'by'), stops: verbStops(raw), raw };
  if (bytes > maxDecisionBytes) return turnAway(inbox, message.requestId, 'tooLarge');
  if (!hasRoom(inbox, message)) return turnAway(inbox, message.requestId, 'busy');
  return { ...inbox, messages: [...inbox.messages, message] };
}

/** The oldest messages, at most `limit`, and the inbox without them. */
export function takeMessages(inbox: Inbox, limit: number): { readonly taken: readonly InboxMessage[]; readonly rest: Inbox } {
  return { taken: inbox.messages.slice(0, limit), rest: { ...inbox, messages: inbox.messages.slice(limit) } };
}
