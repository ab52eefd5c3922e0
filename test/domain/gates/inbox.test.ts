import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { emptyInbox, inboxCaps, receive, takeMessages, type Inbox } from '../../../domain/gates/inbox.ts';

const send = (inbox: Inbox, { verb, ...claims }: { readonly verb: string }): Inbox =>
  receive(inbox, verb === 'go' || verb === 'noGo' ? 'decide' : verb, JSON.stringify({ verb, ...claims }));
const fill = (inbox: Inbox, count: number, message: (index: number) => { readonly verb: string }): Inbox =>
  Array.from({ length: count }, (_, index) => message(index)).reduce<Inbox>(send, inbox);
const goBy = (by: string) => (index: number) => ({ requestId: `go-${by}-${String(index)}`, verb: 'go', by });
const goes = (index: number) => goBy(`sender-${String(index)}`)(index);
const stops = (index: number) => ({ ...goBy(`stopper-${String(index)}`)(index), verb: 'hold' });

describe('a message', () => {
  test('is kept as it came, with what it claims', () => {
    const body = JSON.stringify({ requestId: 'request-1', by: 'ada', verb: 'noGo' });
    const kept = { requestId: 'request-1', by: 'ada', stops: true, signal: 'decide', body };
    expect(receive(emptyInbox, 'decide', body)).toEqual({ messages: [kept], turnedAway: [] });
    expect(receive(emptyInbox, 'decide', JSON.parse(body)).messages[0]).toMatchObject({ requestId: 'request-1', stops: true });
  });

  test('stops by its signal, whatever verb it claims', () => {
    const stopping = (signal: string): unknown => receive(emptyInbox, signal, '{"verb":"go"}').messages[0]?.stops;
    expect(['hold', 'rollback', 'resume', 'decide'].map(stopping)).toEqual([true, true, false, false]);
  });

  test('that is no decision is kept too, to be refused with a reason', () => {
    for (const carried of ['hello', 7, null, '7', 'null', { by: 1, requestId: {}, verb: [] }]) {
      const body = typeof carried === 'string' ? carried : JSON.stringify(carried);
      expect(receive(emptyInbox, 'decide', carried).messages).toEqual([
        { requestId: null, by: null, stops: false, signal: 'decide', body },
      ]);
    }
  });

  test('that is too large or unreadable is turned away for good', () => {
    const large = { requestId: 'large-1', reason: 'x'.repeat(4_096) };
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(receive(emptyInbox, 'hold', large)).toEqual({ messages: [], turnedAway: [{ requestId: 'large-1', why: 'tooLarge' }] });
    for (const carried of [undefined, circular])
      expect(receive(emptyInbox, 'hold', carried).turnedAway).toEqual([{ requestId: null, why: 'unreadable' }]);
  });

  test('keeps at most 64 characters of its id', () => {
    expect(receive(emptyInbox, 'hold', { requestId: 'x'.repeat(100) }).messages[0]?.requestId).toHaveLength(64);
  });
});

describe('the caps', () => {
  test('keep one sender from filling the inbox', () => {
    const full = fill(emptyInbox, inboxCaps.perSender + 1, goBy('ada'));
    expect(full.messages).toHaveLength(inboxCaps.perSender);
    expect(full.turnedAway).toEqual([{ requestId: 'go-ada-16', why: 'busy' }]);
  });

  test('let a person stop although somebody wrote in their name', () => {
    const full = fill(emptyInbox, inboxCaps.perSender, goBy('ada'));
    expect(send(full, { verb: 'hold', ...{ requestId: 'hold-ada', by: 'ada' } }).messages).toHaveLength(inboxCaps.perSender + 1);
  });

  test('keep a share for stop verbs that others cannot use', () => {
    const full = fill(emptyInbox, inboxCaps.messages, goes);
    expect(full.messages).toHaveLength(inboxCaps.messages - inboxCaps.reservedForStops);
    expect(fill(full, inboxCaps.reservedForStops, stops).messages).toHaveLength(inboxCaps.messages);
  });

  test('end at the whole inbox for stop verbs too', () => {
    const full = fill(emptyInbox, inboxCaps.messages + 1, stops);
    expect(full.messages).toHaveLength(inboxCaps.messages);
    expect(full.turnedAway).toEqual([{ requestId: 'go-stopper-64-64', why: 'busy' }]);
  });

  test('remember the newest of those turned away', () => {
    const full = fill(emptyInbox, 200, goes);
    expect(full.turnedAway).toHaveLength(inboxCaps.turnedAway);
    expect(full.turnedAway.at(-1)).toEqual({ requestId: 'go-sender-199-199', why: 'busy' });
  });

  test('hold for any sequence of messages', () => {
    const carried = fc.oneof(
      fc.record({ requestId: fc.string(), by: fc.constantFrom('a', 'b'), verb: fc.constantFrom('go', 'noGo') }),
      fc.anything(),
    );
    const message = fc.tuple(fc.constantFrom('decide', 'hold', 'resume', 'rollback'), carried);
    fc.assert(
      fc.property(fc.array(message, { maxLength: 150, size: 'max' }), (messages) => {
        const inbox = messages.reduce<Inbox>((before, [signal, carried]) => receive(before, signal, carried), emptyInbox);
        expect(inbox.messages.length).toBeLessThanOrEqual(inboxCaps.messages);
        expect(inbox.turnedAway.length).toBeLessThanOrEqual(inboxCaps.turnedAway);
        expect(inbox.messages.filter(({ stops: stop }) => !stop).length).toBeLessThanOrEqual(
          inboxCaps.messages - inboxCaps.reservedForStops,
        );
      }),
      { numRuns: 30 },
    );
  });
});

test('messages are taken oldest first and the rest stays', () => {
  const inbox = fill(emptyInbox, 3, goes);
  const { taken, rest } = takeMessages(inbox, 2);
  expect(taken).toEqual(inbox.messages.slice(0, 2));
  expect(rest.messages).toEqual(inbox.messages.slice(2));
});
