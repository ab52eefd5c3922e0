import { expect, test } from 'vitest';
import type { MayBegin } from '../../../domain/gates/stops.ts';
import { waveStates, type WaveState } from '../../../domain/waves/state.ts';
import { mayFinishSwitch, mayStartSwitch, type SwitchCase } from '../../../domain/waves/switching.ts';

const may: MayBegin = { may: true };
const standing = (state: WaveState, more: Partial<SwitchCase['at']> = {}): SwitchCase => ({
  attempt: 2,
  generation: 3,
  at: { runIsOpen: true, state, attempt: 2, generation: 3, ...more },
  stagedGeneration: 3,
  sealOrder: 7,
  newestOrder: 7,
  begin: may,
});

test('a switch starts from a frozen wave alone, and finishes from a switching one', () => {
  for (const state of waveStates) {
    expect([state, mayStartSwitch(standing(state))]).toEqual([
      state,
      state === 'frozen' ? 'go' : state === 'switching' || state === 'switched' ? 'already' : 'late',
    ]);
    expect([state, mayFinishSwitch(standing(state))]).toEqual([
      state,
      state === 'switching' ? 'go' : state === 'switched' ? 'already' : 'late',
    ]);
  }
});

test('an older attempt, a run that has ended and an older generation never switch', () => {
  expect(mayStartSwitch(standing('frozen', { attempt: 3 }))).toBe('late');
  expect(mayStartSwitch(standing('frozen', { runIsOpen: false }))).toBe('late');
  expect(mayStartSwitch(standing('frozen', { generation: 4 }))).toBe('lapsed');
  expect(mayStartSwitch({ ...standing('frozen'), stagedGeneration: 2 })).toBe('lapsed');
  expect(mayStartSwitch({ ...standing('frozen'), stagedGeneration: null })).toBe('lapsed');
  expect(mayFinishSwitch(standing('switching', { attempt: 3 }))).toBe('late');
  expect(mayFinishSwitch(standing('switched', { attempt: 3 }))).toBe('late');
  expect(mayFinishSwitch(standing('switching', { runIsOpen: false }))).toBe('late');
  expect(mayFinishSwitch(standing('switching', { generation: 4 }))).toBe('late');
});

test('a seal that another act about the freeze followed starts no switch: it may be a lease again', () => {
  expect(mayStartSwitch({ ...standing('frozen'), newestOrder: 8 })).toBe('overtaken');
  expect(mayStartSwitch({ ...standing('switching'), newestOrder: 8 })).toBe('already');
});

test.each(['hold', 'noGo', 'rollback'] as const)('a %s that stands wins over the switch, at its start and at its end', (why) => {
  const begin: MayBegin = { may: false, why, detail: '' };
  const stop = why === 'hold' ? 'held' : 'stopped';
  expect(mayStartSwitch({ ...standing('frozen'), begin })).toBe(stop);
  expect(mayFinishSwitch({ ...standing('switching'), begin })).toBe(stop);
  expect(mayStartSwitch({ ...standing('switched'), begin })).toBe('already');
});
