import { expect, test } from 'vitest';
import { afterResume } from '../../../domain/gates/resume.ts';
import type { Hold, Stop } from '../../../domain/gates/stops.ts';

const hold = (number: number, changes: Partial<Hold> = {}): Hold => ({
  number,
  scope: 'run',
  source: 'person',
  person: 'ada',
  role: 'finance',
  reason: 'the totals look wrong',
  follows: null,
  at: '2026-11-01T08:00:00.000Z',
  ...changes,
});
const noGo: Stop = { verb: 'noGo', scope: 'east', requestId: 'r', person: 'bo', role: 'it', reason: 'prices are wrong.' };

test('a resume says what it lifts and that everything goes on', () => {
  expect(afterResume({ holds: [hold(1)], stops: [] }, [1])).toEqual({
    lifts: ['Lifts hold 1 of the run by ada (finance): the totals look wrong.'],
    stays: [],
    follows: ['Everything goes on where it stood.'],
  });
});

test('a resume of one hold says which stay, and that nothing begins yet', () => {
  expect(afterResume({ holds: [hold(1), hold(2, { reason: 'the bank is closed' })], stops: [] }, [1])).toEqual({
    lifts: ['Lifts hold 1 of the run by ada (finance): the totals look wrong.'],
    stays: ['Hold 2 of the run by ada (finance) stays: the bank is closed.'],
    follows: ['Nothing begins yet: the run stays held.'],
  });
  expect(afterResume({ holds: [hold(1), hold(2, { scope: 'east' })], stops: [] }, [1]).follows).toEqual([
    'Everything goes on where it stood, but wave east.',
  ]);
});

test('a no-go given during a hold is announced: the wave will be taken back', () => {
  expect(afterResume({ holds: [hold(1)], stops: [noGo] }, [1]).follows).toEqual([
    'Wave east will be taken back, because a no-go of wave east by bo (it) stands: prices are wrong.',
    'Everything goes on where it stood.',
  ]);
  expect(afterResume({ holds: [hold(1), hold(2, { scope: 'east' })], stops: [noGo] }, [1]).follows).toEqual([
    'Everything goes on where it stood, but wave east.',
  ]);
});

test('a wave that is going back, or has gone back already, is told as that, once', () => {
  const rollback: Stop = { ...noGo, verb: 'rollback' };
  const follows = (back: Stop['back']) =>
    afterResume({ holds: [hold(1)], stops: [noGo, rollback].map((stop) => ({ ...stop, back: back ?? 'toCome' })) }, [1]).follows;
  expect(follows('done')).toEqual([
    'Wave east has been taken back; its retry gate decides about its next attempt.',
    'Everything goes on where it stood.',
  ]);
  expect(follows('underWay')[0]).toBe('Wave east is being taken back, because a no-go of wave east by bo (it) stands: prices are wrong.');
});

test('what follows the hold of a gate, a breach and a rollback of the run is said', () => {
  const gate = hold(1, { source: 'gate', person: null, role: null, follows: 'the wave is taken back, and its retry gate opens' });
  const guard = hold(2, { source: 'guard', person: null, role: null });
  const whole: Stop = { ...noGo, verb: 'rollback', scope: 'run' };
  expect(afterResume({ holds: [gate, guard], stops: [whole] }, [1, 2]).follows).toEqual([
    'The wave is taken back, and its retry gate opens.',
    'The breaches that led to it count as answered.',
    'The whole run will be taken back, because a rollback of the run by bo (it) stands: prices are wrong.',
    'Everything goes on where it stood.',
  ]);
});
