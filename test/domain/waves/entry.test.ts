import { describe, expect, test } from 'vitest';
import { entryOf, type WaveCourse, type WavePlace } from '../../../domain/waves/entry.ts';
import { waveStates, type WaveState } from '../../../domain/waves/state.ts';

const at = (state: WaveState, gate: WavePlace['gate'] = null): WavePlace => ({ isPresent: true, state, gate });
const along = (course: WaveCourse, gate: WavePlace['gate'] = null): readonly string[] =>
  waveStates.map((state) => entryOf(course, at(state, gate)));

describe('a wave is taken up where the ledger has it', () => {
  test.each(['shared', 'pilot'] as const)('in the course %s, which only loads', (course) => {
    expect(along(course)).toEqual(['open', 'open', 'verify', 'done', 'done', 'done', 'over', 'over', 'over', 'done']);
  });

  test('in the parallel run', () => {
    expect(along('parallelRun')).toEqual(['open', 'open', 'parallelRun', 'freeze', 'switch', 'soak', 'over', 'over', 'over', 'done']);
  });

  test('in an expansion', () => {
    expect(along('expansion')).toEqual(['open', 'open', 'verify', 'freeze', 'switch', 'soak', 'over', 'over', 'over', 'done']);
  });
});

test('behind its freeze nobody who has voted is asked again where the question still stands', () => {
  const entries = ([null, 'open', 'go', 'ended'] as const).map((gate) => entryOf('expansion', at('frozen', gate)));
  expect(entries).toEqual(['freeze', 'gate', 'seal', 'freeze']);
});

test('an attempt that is not the present one is over, wherever the wave stands', () => {
  for (const state of waveStates) expect(entryOf('expansion', { isPresent: false, state, gate: 'go' })).toBe('over');
});
