import { describe, expect, test } from 'vitest';
import { bindDecision, holdsRole, type Binding, type Deciders, type Desk, type GateOnDesk } from '../../../domain/gates/binding.ts';
import type { Decision } from '../../../domain/gates/decision.ts';
import type { Hold } from '../../../domain/gates/stops.ts';

const seats = { roles: ['finance', 'it'] } as const;
const deciders: Deciders = {
  people: [
    { id: 'ada', roles: ['finance'], deputy: 'eve' },
    { id: 'bo', roles: ['it'] },
    { id: 'eve', roles: ['revOps'] },
  ],
  gates: { baseline: seats, switch: seats, retry: seats, close: seats },
  rights: {},
  scopes: ['pilot', 'east', 'west'],
  frozenAsAWhole: false,
};
const gate: GateOnDesk = {
  gate: 'switch-pilot',
  kind: 'switch',
  wave: 'pilot',
  attempt: 2,
  factsHash: 'a'.repeat(64),
  open: true,
  shut: [],
  deadlineMs: 1_000,
};
const hold = (number: number): Hold => ({
  number,
  scope: 'run',
  source: 'person',
  person: 'ada',
  role: 'finance',
  reason: 'wait',
  follows: null,
  at: '2026-11-01T08:00:00.000Z',
});
const desk: Desk = {
  run: 'cutover/northwind/1',
  runOpen: true,
  gate,
  waves: [
    { name: 'pilot', state: 'frozen' },
    { name: 'east', state: 'planned' },
    { name: 'west', state: 'rolledBack' },
  ],
  standing: { holds: [hold(1), hold(3)], stops: [] },
  nowMs: 1_000,
};
const go: Decision = {
  requestId: 'request-1',
  run: desk.run,
  verb: 'go',
  gate: 'switch-pilot',
  attempt: 2,
  factsHash: gate.factsHash,
  by: 'ada',
  role: 'finance',
  reason: 'checked',
};
const bind = (decision: Partial<Decision>, changes: Partial<Desk> = {}, who: Partial<Deciders> = {}): Binding =>
  bindDecision({ ...go, ...decision }, { ...desk, ...changes }, { ...deciders, ...who });
const codeOf = (...args: Parameters<typeof bind>): string => {
  const binding = bind(...args);
  return binding.accepted ? 'accepted' : binding.code;
};
const at = (changes: Partial<GateOnDesk>): Partial<Desk> => ({ gate: { ...gate, ...changes } });

describe('a go', () => {
  test('counts for the run, gate, attempt and facts it names, up to the deadline', () => {
    expect(bind({})).toEqual({ accepted: true, effect: { act: 'vote', gate } });
    expect(codeOf({}, at({ deadlineMs: null }))).toBe('accepted');
  });

  test.each<[Partial<Decision>, Partial<Desk>, string]>([
    [{ run: 'cutover/northwind/2' }, {}, 'wrongRun'],
    [{}, { runOpen: false }, 'runClosed'],
    [{ by: 'mallory' }, {}, 'unknownPerson'],
    [{ role: 'it' as const }, {}, 'roleNotHeld'],
    [{ by: 'eve', role: 'revOps' as const }, {}, 'noRight'],
    [{}, at({ open: false }), 'closed'],
    [{}, { gate: null }, 'closed'],
    [{ gate: 'switch-east' }, {}, 'wrongGate'],
    [{}, { nowMs: 1_001 }, 'expired'],
    [{ attempt: 1 }, {}, 'stale'],
    [{ factsHash: 'b'.repeat(64) }, {}, 'stale'],
    [{}, at({ shut: ['unexplained is 3'] }), 'shut'],
  ])('is refused where %j meets %j: %s', (decision, changes, code) => {
    expect(codeOf(decision, changes)).toBe(code);
  });

  test('is refused with a sentence', () => {
    expect(bind({ attempt: 1 })).toMatchObject({
      reason: 'It was given on an earlier attempt or on other facts; look at the gate again.',
    });
  });
});

describe('a no-go', () => {
  test('stops the gate that is open, whatever attempt and facts it names and whenever it comes', () => {
    const stale = { verb: 'noGo', attempt: 9, factsHash: 'b'.repeat(64) } as const;
    expect(bind(stale, { nowMs: 9_999 })).toEqual({ accepted: true, effect: { act: 'stopGate', gate } });
  });

  test('needs a gate that is open', () => {
    expect(codeOf({ verb: 'noGo' }, { gate: null })).toBe('noGate');
    expect(codeOf({ verb: 'noGo' }, at({ open: false }))).toBe('noGate');
  });

  test('of a role without a seat at that gate is refused, unless the plan gives it the right', () => {
    const noGo = { verb: 'noGo', by: 'eve', role: 'revOps' } as const;
    expect(bind(noGo)).toMatchObject({
      code: 'noRight',
      reason: 'The plan lets finance or it say no-go at a switch gate, and not revOps.',
    });
    expect(codeOf(noGo, {}, { rights: { noGo: { switch: ['revOps'] } } })).toBe('accepted');
    expect(codeOf({ verb: 'noGo' }, {}, { rights: { noGo: { switch: ['revOps'] } } })).toBe('noRight');
  });
});

describe('hold and resume', () => {
  test('a hold stops the run, or the wave it names', () => {
    expect(bind({ verb: 'hold' })).toMatchObject({ effect: { act: 'hold', scope: 'run' } });
    expect(bind({ verb: 'hold', scope: 'east' })).toMatchObject({ effect: { act: 'hold', scope: 'east' } });
    expect(codeOf({ verb: 'hold', scope: 'north' })).toBe('unknownScope');
    expect(codeOf({ verb: 'hold' }, { gate: null })).toBe('accepted');
  });

  test('any role with a seat at any gate may hold, and nobody else', () => {
    expect(bind({ verb: 'hold', by: 'eve', role: 'revOps' }, { gate: null })).toMatchObject({
      reason: 'The plan lets finance or it hold it, and not revOps.',
    });
  });

  test('a resume lifts the holds it names, or all that stand', () => {
    expect(bind({ verb: 'resume', holds: [3] })).toMatchObject({ effect: { act: 'lift', holds: [3] } });
    expect(bind({ verb: 'resume', holds: 'all' })).toMatchObject({ effect: { act: 'lift', holds: [1, 3] } });
  });

  test('a resume of what is not held is refused, and one that names a hold which does not stand lifts nothing', () => {
    expect(codeOf({ verb: 'resume', holds: 'all' }, { standing: { holds: [], stops: [] } })).toBe('notHeld');
    expect(bind({ verb: 'resume', holds: [1, 2] })).toMatchObject({
      code: 'unknownHold',
      reason: 'Hold 2 does not stand; those that stand: 1, 3. Nothing was lifted.',
    });
    expect(bind({ verb: 'resume' })).toMatchObject({ effect: { holds: [] } });
  });
});

describe('a rollback', () => {
  test('takes back the run, or a wave that began and was not taken back', () => {
    expect(bind({ verb: 'rollback', scope: 'run' })).toMatchObject({ effect: { act: 'takeBack', scope: 'run' } });
    expect(bind({ verb: 'rollback' })).toMatchObject({ effect: { act: 'takeBack', scope: 'run' } });
    expect(bind({ verb: 'rollback', scope: 'pilot' })).toMatchObject({ effect: { act: 'takeBack', scope: 'pilot' } });
  });

  test.each([
    ['east', 'neverBegan'],
    ['west', 'takenBack'],
    ['shared', 'unknownScope'],
    ['north', 'unknownScope'],
  ])('of wave %s is refused: %s', (scope, code) => {
    expect(codeOf({ verb: 'rollback', scope })).toBe(code);
  });

  test('is refused for a wave the run does not have, or that came back with exceptions', () => {
    expect(codeOf({ verb: 'rollback', scope: 'pilot' }, { waves: [] })).toBe('unknownScope');
    const waves = [{ name: 'pilot', state: 'rolledBackWithExceptions' as const }];
    expect(codeOf({ verb: 'rollback', scope: 'pilot' }, { waves })).toBe('takenBack');
  });

  test('is of the whole run only, once a wave has switched and legacy is frozen as a whole', () => {
    const switched = (state: 'switching' | 'switched'): Partial<Desk> => ({ waves: [{ name: 'pilot', state }] });
    for (const state of ['switching', 'switched'] as const)
      expect(codeOf({ verb: 'rollback', scope: 'pilot' }, switched(state), { frozenAsAWhole: true })).toBe('wholeOnly');
    expect(codeOf({ verb: 'rollback', scope: 'pilot' }, {}, { frozenAsAWhole: true })).toBe('accepted');
  });
});

test('a role is held in person, or as the deputy of somebody who holds it', () => {
  expect(holdsRole(deciders.people, 'ada', 'finance')).toBe(true);
  expect(holdsRole(deciders.people, 'eve', 'finance')).toBe(true);
  expect(holdsRole(deciders.people, 'bo', 'finance')).toBe(false);
  expect(codeOf({ by: 'eve' })).toBe('accepted');
});
