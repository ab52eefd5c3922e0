import { expect, test } from 'vitest';
import {
  holdText,
  judgeClaim,
  judgeLostToken,
  mayBegin,
  openStops,
  orderText,
  standingOn,
  stopText,
  type Hold,
  type LaneCase,
  type Stop,
} from '../../../domain/gates/stops.ts';
import { laneKinds } from '../../../domain/waves/state.ts';

const hold = (scope: string, number = 1): Hold => ({
  number,
  scope,
  source: 'person',
  person: 'ada',
  role: 'finance',
  reason: 'the totals look wrong',
  follows: null,
  at: '2026-11-01T08:00:00.000Z',
});
const stop = (verb: Stop['verb'], scope: string): Stop => ({ verb, scope, requestId: 'r1', person: 'ada', role: 'finance', reason: 'no' });
const lane = (changes: Partial<LaneCase> = {}): LaneCase => ({
  kind: 'load',
  attempt: 1,
  current: 1,
  state: 'loading',
  standing: { holds: [], stops: [] },
  guarded: true,
  ...changes,
});
const held = { holds: [hold('run')], stops: [] };

test('a hold stops loads, switches, flows and adoptions, and never an undo or a probe on canaries', () => {
  const switched = laneKinds.filter((kind) => judgeClaim(lane({ kind, state: 'switched', standing: held })) === 'held');
  expect(switched).toEqual(['switch', 'flow', 'adopt']);
  expect(judgeClaim(lane({ standing: held }))).toBe('held');
  expect(judgeClaim(lane({ kind: 'undo', state: 'undoing', standing: held }))).toBe('claimed');
  expect(judgeClaim(lane({ kind: 'probe', standing: held }))).toBe('claimed');
});

test('a claim needs the present attempt, a state that lets its kind write, nothing that stands against it, and for a load a living guard', () => {
  expect(judgeClaim(lane())).toBe('claimed');
  expect(judgeClaim(lane({ current: 2 }))).toBe('fenced');
  expect(judgeClaim(lane({ state: 'undoing' }))).toBe('fenced');
  expect(judgeClaim(lane({ standing: { holds: [hold('run')], stops: [stop('rollback', 'pilot')] } }))).toBe('fenced');
  expect(judgeClaim(lane({ guarded: false }))).toBe('noGuard');
  expect(judgeClaim(lane({ kind: 'switch', state: 'switching', guarded: false }))).toBe('claimed');
});

test('an intent without its token is held, be the hold lifted or not, and fenced once its attempt is over', () => {
  expect(judgeLostToken(lane({ standing: held }))).toBe('held');
  expect(judgeLostToken(lane())).toBe('held');
  expect(judgeLostToken(lane({ current: 2, standing: held }))).toBe('fenced');
  expect(judgeLostToken(lane({ standing: { holds: [], stops: [stop('noGo', 'pilot')] } }))).toBe('fenced');
});

test('a wave is concerned by what stands against the run and against itself', () => {
  const all = { holds: [hold('run', 1), hold('pilot', 2), hold('east', 3)], stops: [stop('rollback', 'east')] };
  expect(standingOn(all, 'pilot').holds.map(({ number }) => number)).toEqual([1, 2]);
  expect(standingOn(all, 'pilot').stops).toEqual([]);
});

test('nothing begins over a rollback, a no-go or a hold, and the rollback is named first', () => {
  const standing = { holds: [hold('pilot')], stops: [stop('noGo', 'pilot'), stop('rollback', 'pilot')] };
  expect(mayBegin('switch', 'pilot', standing)).toMatchObject({ may: false, why: 'rollback' });
  expect(mayBegin('switch', 'pilot', { holds: [], stops: [stop('noGo', 'pilot')] })).toMatchObject({ may: false, why: 'noGo' });
  expect(mayBegin('wave', 'pilot', { holds: [hold('pilot')], stops: [] })).toMatchObject({ may: false, why: 'hold' });
  expect(mayBegin('wave', 'east', standing)).toEqual({ may: true });
});

test('a stop leads back until its way back is at its end', () => {
  const [ordered, underWay, done] = (['toCome', 'underWay', 'done'] as const).map((back) => ({ ...stop('noGo', 'pilot'), back }));
  const before = stop('rollback', 'east');
  expect(openStops({ holds: [], stops: [ordered!, underWay!, done!, before] })).toEqual([ordered, underWay, before]);
});

test('an order to go back tells who gave it, when and why; a breach, which nobody gave, its reason', () => {
  const order = { verb: 'noGo', person: 'bo', role: 'it', reason: 'the warehouse is not ready' } as const;
  const at = '2026-11-24 08:00:00 UTC';
  expect(orderText(order, at)).toBe(`no-go by bo (it) at ${at}: the warehouse is not ready`);
  expect(orderText({ ...order, verb: 'rollback', role: null }, null)).toBe('rollback by bo: the warehouse is not ready');
  expect(orderText({ ...order, verb: 'rollback', person: null, role: null, reason: 'writeErrors: 3 of 9' }, at)).toBe(
    'writeErrors: 3 of 9',
  );
});

test('what was ordered against an attempt that was taken back does not stop the next one; a rollback of the run does', () => {
  expect(mayBegin('attempt', 'pilot', { holds: [], stops: [stop('rollback', 'pilot')] })).toEqual({ may: true });
  expect(mayBegin('attempt', 'pilot', { holds: [], stops: [stop('rollback', 'run')] })).toMatchObject({ may: false, why: 'rollback' });
  expect(mayBegin('attempt', 'pilot', held)).toMatchObject({ may: false, why: 'hold' });
});

test('each hold and stop names who, what and why', () => {
  expect(holdText(hold('run'))).toBe('hold 1 of the run by ada (finance): the totals look wrong');
  expect(holdText({ ...hold('pilot'), role: null })).toBe('hold 1 of wave pilot by ada: the totals look wrong');
  expect(holdText({ ...hold('pilot'), person: null })).toContain('by a person:');
  expect(holdText({ ...hold('run'), source: 'temporal', person: null })).toContain('by Temporal, unsigned:');
  expect(stopText(stop('noGo', 'pilot'))).toBe('a no-go of wave pilot by ada (finance) stands: no');
  expect(stopText({ ...stop('rollback', 'run'), person: null })).toBe('a rollback of the run stands: no');
  expect(stopText({ ...stop('rollback', 'run'), role: null })).toBe('a rollback of the run by ada stands: no');
});
