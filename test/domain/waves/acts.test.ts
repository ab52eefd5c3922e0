import { expect, test } from '@jest/globals';
import { mayAct, mayActInRun, type RunAct, type WaveAct, type WaveStanding } from '../../../domain/waves/acts.ts';
import { waveStates, type WaveState } from '../../../domain/waves/state.ts';

const standing = (state: WaveState): WaveStanding => ({ runIsOpen: true, state, attempt: 2, generation: 3 });

test.each<[WaveAct, readonly WaveState[], readonly WaveState[]]>([
  ['stage', ['planned', 'loading', 'shadow', 'frozen'], []],
  ['freeze', ['loading', 'shadow', 'frozen'], []],
  ['extend', ['frozen'], []],
  ['seal', ['frozen'], []],
  ['unseal', ['frozen'], []],
  ['release', ['loading', 'shadow', 'frozen'], ['switching', 'switched']],
  ['takeBack', ['undoing'], ['rolledBack', 'rolledBackWithExceptions']],
  ['thaw', ['undoing'], ['rolledBack', 'rolledBackWithExceptions']],
])('%s may be done in %j only, and is over in %j', (act, may, over) => {
  for (const state of waveStates)
    expect([state, mayAct({ act, attempt: 2, generation: 3 }, standing(state))]).toEqual([
      state,
      may.includes(state) ? 'may' : over.includes(state) ? 'over' : 'late',
    ]);
});

test('an act of another attempt or generation, or of a run that has ended, comes too late', () => {
  const seal = { act: 'seal', attempt: 2, generation: 3 } as const;
  expect(mayAct(seal, standing('frozen'))).toBe('may');
  expect(mayAct({ ...seal, generation: null }, standing('frozen'))).toBe('may');
  expect(mayAct({ ...seal, generation: 2 }, standing('frozen'))).toBe('late');
  expect(mayAct({ ...seal, attempt: 1 }, standing('frozen'))).toBe('late');
  expect(mayAct({ ...seal, attempt: 3 }, standing('frozen'))).toBe('late');
  expect(mayAct(seal, { ...standing('frozen'), runIsOpen: false })).toBe('late');
  expect(mayAct({ act: 'thaw', attempt: 1, generation: null }, standing('rolledBack'))).toBe('late');
});

test.each<[RunAct, readonly WaveState[]]>([
  ['install', ['planned']],
  ['export', ['planned']],
  ['uninstall', ['planned', 'rolledBack', 'rolledBackWithExceptions', 'closed']],
  ['handOver', ['closed']],
])('%s may be done while every wave is in one of %j', (act, states) => {
  expect(mayActInRun(act, true, states)).toBe(true);
  expect(mayActInRun(act, false, states)).toBe(false);
  for (const state of waveStates) expect(mayActInRun(act, true, [...states, state])).toBe(states.includes(state));
});
