import { describe, expect, test } from 'vitest';
import { envSchema } from '../../../domain/plan/env.ts';
import { phases } from '../../../domain/plan/phases.ts';
import { dispositions } from '../../../domain/plan/systems.ts';
import { sampleEnv, samplePlan } from '../../support/sample-plan.ts';

describe('a plan as it is written', () => {
  test('is read with its defaults and with durations in milliseconds', () => {
    const plan = samplePlan();
    expect(plan.gates.switch).toMatchObject({ deadline: 3_600_000, atDeadline: 'hold', maxAttempts: 3 });
    expect(plan.guards[0]?.alpha).toBe(0.01);
    expect(plan.systems.crm).toMatchObject({ apiVersion: '64.0', keyField: 'AccountNumber' });
  });

  test('may not hold a key that nobody knows, at any depth', () => {
    expect(() => samplePlan((raw) => Object.assign(raw, { surplus: 1 }))).toThrow(/surplus/);
    expect(() => samplePlan((raw) => Object.assign(raw.objects[0]!, { surplus: 1 }))).toThrow(/surplus/);
  });

  test('needs a rule of a known shape for every field, at any depth', () => {
    const nested = { each: 'lines', fields: { price: { form: 'price' } } };
    expect(() => samplePlan((raw) => Object.assign(raw.objects[2]!.fields, { lines: nested }))).toThrow(/"lines"/);
  });

  test('needs a gate with at least one limit', () => {
    expect(() => samplePlan((raw) => (raw.gates.close = { ...raw.gates.close, limits: [] }))).toThrow(/limits/);
  });

  test('needs a disposition that is one', () => {
    expect(dispositions).toContain('archive');
    expect(() => samplePlan((raw) => (raw.systems.legacy.tables.customers.disposition = 'forget'))).toThrow(/disposition/);
  });

  test('refuses a duration that is none, with what to write', () => {
    expect(() => samplePlan((raw) => (raw.guards[0]!.window = 'soon'))).toThrow(/is not a duration; write a whole number/);
  });
});

describe('an env file as it is written', () => {
  test('names variables and holds no values', () => {
    expect(sampleEnv().systems.legacy).toEqual({ url: { env: 'LEGACY_URL' } });
    expect(envSchema.safeParse({ ...sampleEnv(), systems: { erp: { password: 'hunter2' } } }).success).toBe(false);
  });
});

test('the phases of a run begin with preflight and end with close', () => {
  expect([phases[0], phases.at(-1)]).toEqual(['preflight', 'close']);
});
