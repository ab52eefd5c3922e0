import { describe, expect, test } from '@jest/globals';
import { bindDecision, holdsRole, type GateState } from '../../../domain/gates/binding.ts';
import type { Decision } from '../../../domain/gates/decision.ts';
import type { Person } from '../../../domain/plan/env.ts';

const people: readonly Person[] = [
  { id: 'ada', roles: ['finance'], deputy: 'eve' },
  { id: 'bo', roles: ['it'] },
  { id: 'eve', roles: ['revOps'] },
];
const state: GateState = {
  run: 'cutover/northwind/1',
  runOpen: true,
  gate: 'switch/pilot',
  attempt: 2,
  factsHash: 'a'.repeat(64),
  open: true,
  deadlineMs: 1_000,
  arrivedMs: 1_000,
};
const go: Decision = {
  requestId: 'request-1',
  run: state.run,
  verb: 'go',
  gate: 'switch/pilot',
  attempt: 2,
  factsHash: state.factsHash,
  by: 'ada',
  role: 'finance',
  reason: 'checked',
};
const codeOf = (decision: Partial<Decision>, gate: Partial<GateState> = {}): string => {
  const binding = bindDecision({ ...go, ...decision }, { ...state, ...gate }, people);
  return binding.accepted ? 'accepted' : binding.code;
};

describe('a go', () => {
  test('counts for the run, gate, attempt and facts it names, up to the deadline', () => {
    expect(codeOf({})).toBe('accepted');
    expect(codeOf({}, { deadlineMs: null })).toBe('accepted');
  });

  test.each([
    [{ run: 'cutover/northwind/2' }, {}, 'wrongRun'],
    [{}, { runOpen: false }, 'runClosed'],
    [{ by: 'mallory' }, {}, 'unknownPerson'],
    [{ role: 'it' as const }, {}, 'roleNotHeld'],
    [{}, { open: false }, 'closed'],
    [{}, { gate: null }, 'closed'],
    [{ gate: 'switch/east' }, {}, 'wrongGate'],
    [{}, { arrivedMs: 1_001 }, 'expired'],
    [{ attempt: 1 }, {}, 'stale'],
    [{ factsHash: 'b'.repeat(64) }, {}, 'stale'],
  ])('is refused where %j meets %j: %s', (decision, gate, code) => {
    expect(codeOf(decision, gate)).toBe(code);
  });

  test('is refused with a sentence', () => {
    expect(bindDecision({ ...go, attempt: 1 }, state, people)).toEqual({
      accepted: false,
      code: 'stale',
      reason: 'It was given on an earlier attempt or on other facts; look at the gate again.',
    });
  });
});

describe('stop verbs and resume', () => {
  test.each(['noGo', 'hold', 'rollback', 'resume'] as const)('%s binds to the run alone', (verb) => {
    const elsewhere = { gate: 'other', attempt: 9, factsHash: 'b'.repeat(64) };
    expect(codeOf({ verb, ...elsewhere }, { open: false, gate: null, arrivedMs: 9_999 })).toBe('accepted');
    expect(codeOf({ verb, run: 'other' })).toBe('wrongRun');
    expect(codeOf({ verb }, { runOpen: false })).toBe('runClosed');
    expect(codeOf({ verb, role: 'it' })).toBe('roleNotHeld');
  });
});

test('a role is held in person, or as the deputy of somebody who holds it', () => {
  expect(holdsRole(people, 'ada', 'finance')).toBe(true);
  expect(holdsRole(people, 'eve', 'finance')).toBe(true);
  expect(holdsRole(people, 'bo', 'finance')).toBe(false);
  expect(codeOf({ by: 'eve' })).toBe('accepted');
});
