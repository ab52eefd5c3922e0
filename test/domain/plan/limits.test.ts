import { expect, test } from 'vitest';
import { limitsOf } from '../../../domain/plan/limits.ts';
import { salesforceSystemSchema } from '../../../domain/plan/systems.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const hour = 3_600_000;
const crm = { adapter: 'salesforce', pointerField: 'Book__c', markerField: 'Marker__c' };

test('a plan is bound by the limits that systems count and by those it declares itself, with its own reserve', () => {
  const plan = samplePlan((raw) => Object.assign(raw.systems.crm, { budget: { windows: [{ calls: 9, per: '5m' }], reserve: 0.3 } }));
  const limit = (system: string, source: 'plan' | 'system', lengthMs: number): Parameters<typeof limitsOf>[1][number] => ({
    ...{ system, source, lengthMs, reserve: 0.2 },
  });
  const stored = [
    limit('crm', 'plan', hour),
    limit('crm', 'plan', 300_000),
    limit('crm', 'system', 24 * hour),
    limit('erp', 'system', hour),
    limit('erp', 'plan', hour),
    limit('legacy', 'plan', hour),
    limit('gone', 'plan', hour),
  ];
  expect(limitsOf(plan, stored)).toEqual([
    { ...limit('crm', 'plan', 300_000), reserve: 0.3 },
    { ...limit('crm', 'system', 24 * hour), reserve: 0.3 },
    { ...limit('erp', 'system', hour), reserve: 0.1 },
  ]);
});

test('a plan declares limits of calls in a second or longer', () => {
  const read = (per: string): boolean => salesforceSystemSchema.safeParse({ ...crm, budget: { windows: [{ calls: 1, per }] } }).success;
  expect([read('999ms'), read('1s')]).toEqual([false, true]);
});
