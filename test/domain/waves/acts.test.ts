import { expect, test } from 'vitest';
import {
  mayAct,
  mayActInRun,
  mayBeginAt,
  mayEndRun,
  mayPlan,
  mayRaise,
  type RunAct,
  type WaveAct,
  type WaveStanding,
} from '../../../domain/waves/acts.ts';
import { laneKinds, mayWrite, waveStates, type WaveState } from '../../../domain/waves/state.ts';

const standing = (state: WaveState): WaveStanding => ({ runIsOpen: true, state, attempt: 2, generation: 3 });

test.each<[WaveAct, readonly WaveState[], readonly WaveState[]]>([
  ['stage', ['planned', 'loading', 'shadow', 'frozen'], []],
  ['freeze', ['shadow', 'frozen'], []],
  ['extend', ['frozen'], []],
  ['seal', ['frozen'], []],
  ['unseal', ['frozen'], []],
  ['release', ['shadow', 'frozen'], ['switching', 'switched']],
  ['findBusiness', ['switched', 'undoing'], ['rolledBack', 'rolledBackWithExceptions']],
  ['takeBack', ['undoing'], ['rolledBack', 'rolledBackWithExceptions']],
  ['thaw', ['undoing'], ['rolledBack', 'rolledBackWithExceptions']],
  ['takeUp', ['planned'], []],
  ['leave', ['switched'], []],
])('%s may be done in %j only, and is over in %j', (act, may, over) => {
  for (const state of waveStates)
    expect([state, mayAct({ act, attempt: 2, generation: 3 }, standing(state))]).toEqual([
      state,
      may.includes(state) ? 'may' : over.includes(state) ? 'over' : 'late',
    ]);
});

test('an act of another attempt, or of a run that has ended, comes too late; one of an older freeze is overtaken where its wave stands', () => {
  const seal = { act: 'seal', attempt: 2, generation: 3 } as const;
  expect(mayAct(seal, standing('frozen'))).toBe('may');
  expect(mayAct({ ...seal, generation: null }, standing('frozen'))).toBe('may');
  expect(mayAct({ ...seal, generation: 2 }, standing('frozen'))).toBe('overtaken');
  expect(mayAct({ ...seal, generation: 2 }, standing('undoing'))).toBe('late');
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

test('an attempt begins once, one after the other, and only what has begun and not ended can be taken back', () => {
  for (const state of waveStates) {
    const mayGoOn = ['planned', 'rolledBack', 'rolledBackWithExceptions'].includes(state);
    const isUnderWay = ['loading', 'shadow', 'frozen', 'switching', 'switched'].includes(state);
    expect([state, mayBeginAt('attempt', 3, standing(state))]).toEqual([state, mayGoOn ? 'may' : 'late']);
    expect(mayBeginAt('attempt', 4, standing(state))).toBe('late');
    expect(mayBeginAt('attempt', 1, standing(state))).toBe('late');
    expect(mayBeginAt('attempt', 2, standing(state))).toBe('already');
    expect([state, mayBeginAt('wave', 2, standing(state))]).toEqual([state, state === 'planned' ? 'may' : isUnderWay ? 'already' : 'late']);
    expect(mayBeginAt('wave', 1, standing(state))).toBe('late');
    expect(mayBeginAt('wave', 2, { ...standing(state), runIsOpen: false })).toBe('late');
    expect([state, mayRaise(state)]).toEqual([state, isUnderWay || state === 'undoing']);
  }
  expect(mayBeginAt('attempt', 1, undefined)).toBe('late');
});

test('lanes are planned for the present attempt, where their kind may write; an undo while the wave is being taken back, or has switched and lets accounts go', () => {
  for (const state of waveStates) {
    for (const kind of laneKinds) {
      expect(mayPlan(kind, 2, standing(state))).toBe(kind === 'undo' ? ['undoing', 'switched'].includes(state) : mayWrite(state, kind));
      expect(mayPlan(kind, 1, standing(state))).toBe(false);
      expect(mayPlan(kind, 2, { ...standing(state), runIsOpen: false })).toBe(false);
    }
  }
});

test('a run ends as closed with all its waves, as rolled back with none under way, as refused before any began', () => {
  expect(mayEndRun('closed', true, ['closed', 'closed'])).toBe(true);
  expect(mayEndRun('closed', true, ['closed', 'switched'])).toBe(false);
  expect(mayEndRun('rolledBack', true, ['planned', 'rolledBack', 'rolledBackWithExceptions'])).toBe(true);
  expect(mayEndRun('rolledBackWithExceptions', true, ['rolledBack', 'undoing'])).toBe(false);
  expect(mayEndRun('refused', true, ['planned'])).toBe(true);
  expect(mayEndRun('refused', true, ['loading'])).toBe(false);
  expect(mayEndRun('refused', false, ['planned'])).toBe(false);
});
