import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { decideOpening, gateEnds, type OpeningCase } from '../../../domain/gates/opening.ts';
import type { Hold, Stop } from '../../../domain/gates/stops.ts';

const hold: Hold = { number: 1, scope: 'run', source: 'guard', person: null, role: null, reason: 'breach', follows: null, at: '' };
const stop = (verb: Stop['verb'], scope: string): Stop => ({ verb, scope, requestId: 'r', person: 'ada', role: 'finance', reason: 'no' });
const ready: OpeningCase = {
  runOpen: true,
  attempt: 2,
  newest: 2,
  state: 'open',
  shut: [],
  wave: 'pilot',
  waveAttempt: 1,
  currentAttempt: 1,
  begins: 'switch',
  roles: ['finance', 'it'],
  votes: [
    { verb: 'go', role: 'finance', by: 'ada' },
    { verb: 'go', role: 'it', by: 'bo' },
  ],
  deadlineMs: 2_000,
  validUntilMs: 3_000,
  nowMs: 1_000,
  standing: { holds: [], stops: [] },
};
const decide = (changes: Partial<OpeningCase>): ReturnType<typeof decideOpening> => decideOpening({ ...ready, ...changes });

test('a gate opens with its quorum, within its deadline and validity, when nothing stands against it', () => {
  expect(decide({})).toEqual({ act: 'open' });
  expect(decide({ deadlineMs: null })).toEqual({ act: 'open' });
});

describe('a gate does not open', () => {
  test('over a no-go, whenever it was recorded and however many goes there are', () => {
    const votes = [...ready.votes, { verb: 'noGo' as const, role: 'it' as const, by: 'cy' }];
    expect(decide({ votes })).toEqual({ act: 'end', end: 'noGo', detail: 'no-go by cy (it)' });
    expect(decide({ state: 'noGo' })).toEqual({ act: 'ended', state: 'noGo' });
    expect(decide({ standing: { holds: [], stops: [stop('noGo', 'pilot')] } })).toMatchObject({ act: 'wait' });
  });

  test('while a hold or a rollback stands, and its votes are kept', () => {
    expect(decide({ standing: { holds: [hold], stops: [] } })).toMatchObject({ act: 'wait', missing: [] });
    for (const scope of ['run', 'pilot'])
      expect(decide({ standing: { holds: [], stops: [stop('rollback', scope)] } })).toMatchObject({ act: 'wait' });
    expect(decide({ standing: { holds: [{ ...hold, scope: 'east' }], stops: [stop('rollback', 'east')] } })).toEqual({ act: 'open' });
  });

  test('to the end of the run while anything stands against any wave', () => {
    const standing = { holds: [{ ...hold, scope: 'east' }], stops: [] };
    expect(decide({ begins: 'close', wave: null, standing })).toMatchObject({ act: 'wait' });
  });

  test('when its quorum is gone', () => {
    expect(decide({ votes: ready.votes.slice(1) })).toEqual({ act: 'wait', missing: ['finance'], detail: 'it waits for finance' });
  });

  test('when a newer attempt, another attempt of the wave, or the end of the run came first', () => {
    expect(decide({ newest: 3 })).toEqual({ act: 'ended', state: 'superseded' });
    expect(decide({ currentAttempt: 2 })).toMatchObject({ act: 'end', end: 'moot' });
    expect(decide({ runOpen: false })).toMatchObject({ act: 'end', end: 'moot' });
  });

  test('past its deadline or its validity, or shut by its limits', () => {
    expect(decide({ nowMs: 2_000 })).toMatchObject({ act: 'end', end: 'expired', detail: 'the deadline passed before it could open' });
    expect(decide({ nowMs: 2_000, votes: [] })).toMatchObject({ end: 'expired', detail: 'nobody decided before the deadline' });
    expect(decide({ nowMs: 3_000, deadlineMs: null })).toMatchObject({ act: 'end', end: 'remeasure' });
    expect(decide({ shut: ['unexplained is 3'] })).toMatchObject({ act: 'wait', missing: [] });
  });
});

test('nothing that stands ever opens a gate that would stay shut without it', () => {
  const arbitrary = fc.record({
    state: fc.constantFrom('open' as const, ...gateEnds),
    newest: fc.constantFrom(2, 3),
    currentAttempt: fc.constantFrom(1, 2),
    runOpen: fc.boolean(),
    nowMs: fc.constantFrom(1_000, 2_000, 3_000),
    votes: fc.subarray([...ready.votes, { verb: 'noGo' as const, role: 'it' as const, by: 'cy' }]),
    holds: fc.subarray([hold, { ...hold, scope: 'pilot' }, { ...hold, scope: 'east' }]),
    stops: fc.subarray([stop('noGo', 'pilot'), stop('rollback', 'pilot'), stop('rollback', 'run'), stop('rollback', 'east')]),
  });
  fc.assert(
    fc.property(arbitrary, ({ holds, stops, ...changes }) => {
      const opens = decide({ ...changes, standing: { holds, stops } }).act === 'open';
      const concerned = [...holds, ...stops].some(({ scope }) => scope !== 'east');
      return !opens || (decide(changes).act === 'open' && !concerned);
    }),
  );
});
