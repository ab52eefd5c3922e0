import { describe, expect, test } from 'vitest';
import { laneKinds, mayMove, mayWrite, nextStates, waveStates, type WaveState } from '../../../domain/waves/state.ts';

const writersOf = (state: WaveState): string[] => laneKinds.filter((kind) => mayWrite(state, kind));

/** Every state that can come after one, however many moves later. */
function later(state: WaveState, seen = new Set<WaveState>()): ReadonlySet<WaveState> {
  for (const next of nextStates(state)) {
    if (seen.has(next)) continue;
    seen.add(next);
    later(next, seen);
  }
  return seen;
}

describe('who may write', () => {
  test('records are loaded only before the switch', () => {
    expect(waveStates.filter((state) => mayWrite(state, 'load'))).toEqual(['loading', 'shadow', 'frozen']);
  });

  test('loading and taking back never write in the same state', () => {
    expect(waveStates.filter((state) => mayWrite(state, 'load') && mayWrite(state, 'undo'))).toEqual([]);
  });

  test('live integration writes only where the target is the book', () => {
    expect(waveStates.filter((state) => mayWrite(state, 'flow'))).toEqual(['switched']);
  });

  test('a switch is written while switching and finished after it', () => {
    expect(waveStates.filter((state) => mayWrite(state, 'switch'))).toEqual(['switching', 'switched']);
  });

  test('late rows can be taken back after the switch and after a rollback', () => {
    expect(waveStates.filter((state) => mayWrite(state, 'undo'))).toEqual([
      'switched',
      'undoing',
      'rolledBack',
      'rolledBackWithExceptions',
    ]);
  });

  test('canaries prove the intake in every state until the wave is closed', () => {
    expect(waveStates.filter((state) => !mayWrite(state, 'probe'))).toEqual(['closed']);
  });

  test('nothing writes in a closed wave', () => {
    expect(writersOf('closed')).toEqual([]);
    expect(nextStates('closed')).toEqual([]);
  });
});

describe('where a wave may go', () => {
  test('a rollback can follow every state between opening and close', () => {
    expect(waveStates.filter((state) => !mayMove(state, 'undoing'))).toEqual(['undoing', 'closed']);
  });

  test('the switch is reached only through the freeze, and the freeze only through the shadow', () => {
    expect(waveStates.filter((state) => mayMove(state, 'frozen'))).toEqual(['shadow']);
    expect(waveStates.filter((state) => mayMove(state, 'shadow'))).toEqual(['loading']);
    expect(waveStates.filter((state) => mayMove(state, 'switching'))).toEqual(['frozen']);
    expect(waveStates.filter((state) => mayMove(state, 'switched'))).toEqual(['switching']);
  });

  test('a switched wave leaves that state only by rollback or close', () => {
    expect(nextStates('switched')).toEqual(['undoing', 'closed']);
  });

  test('a rolled-back wave can be tried again', () => {
    expect(mayMove('rolledBack', 'planned')).toBe(true);
    expect(mayMove('rolledBackWithExceptions', 'planned')).toBe(true);
  });

  test('staying is no move, and the end can be reached from everywhere', () => {
    expect(waveStates.filter((state) => mayMove(state, state))).toEqual([]);
    expect(waveStates.filter((state) => state !== 'closed' && !later(state).has('closed'))).toEqual([]);
  });
});
