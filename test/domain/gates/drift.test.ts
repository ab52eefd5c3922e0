import { expect, test } from 'vitest';
import { driftOf } from '../../../domain/gates/drift.ts';
import { guardsOf } from '../../../domain/guards/built-in.ts';
import { putRight, worsened, type GateFacts } from '../../../domain/gates/worse.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const frozen = {
  legacy: ['orders.total numeric', 'orders.total default 0'],
  erp: ['field sale.comment: type text', 'tax GOODS: rate 0.10'],
  crm: ['queue 1'],
};

test('nothing drifts where every system is as it was', () => {
  expect(driftOf(frozen, frozen)).toEqual([]);
});

test('what changed, came or went is named with its system', () => {
  const now = {
    legacy: ['orders.total numeric'],
    erp: ['field sale.comment: type text, required true', 'tax GOODS: rate 0.10', 'tax NEW: rate 0.20'],
  };
  expect(driftOf(frozen, now)).toEqual([
    'legacy: missing: orders.total default 0',
    'erp: changed: field sale.comment: type text, required true',
    'erp: new: tax NEW: rate 0.20',
    'crm: missing: queue 1',
  ]);
});

test("every run has a guard on its configuration, the plan's own where it has one", () => {
  const plan = samplePlan();
  expect(guardsOf(plan).map(({ name, metric }) => [name, metric])).toEqual([
    ['writeErrors', 'writeErrorRate'],
    ['configuration', 'configurationDrift'],
  ]);
  const own = { guards: [{ ...plan.guards[0]!, name: 'schema', metric: 'configurationDrift' as const }] };
  expect(guardsOf(own)).toEqual(own.guards);
});

test('a change of the configuration behind the votes makes the facts worse', () => {
  const of = { run: 'cutover/sample/1', gate: 'close', waveAttempt: 1 };
  const facts: GateFacts = { of, takenBack: null, limits: [], exceptions: [], equations: [], pointsOfNoReturn: [], plan: 'p', env: 'e' };
  const changed = { ...facts, configuration: ['erp: new: tax NEW: rate 0.20'] };
  expect(worsened(facts, changed, false)).toBe('configuration changed: erp: new: tax NEW: rate 0.20');
  expect(worsened(changed, changed, false)).toBeNull();
  expect(worsened(changed, facts, false)).toBeNull();
  expect(putRight(changed, facts)).toBe('configuration put right: erp: new: tax NEW: rate 0.20');
  expect(putRight(changed, changed)).toBeNull();
  expect(putRight(facts, changed)).toBeNull();
});
