import { expect, test } from 'vitest';
import { guardWithinMs } from '../../../domain/guards/alive.ts';
import { actsIn } from '../../../domain/guards/built-in.ts';
import { sampleEnv, samplePlan } from '../../support/sample-plan.ts';

test('a guard of the plan acts in its stages, one that every run has wherever guards act, and none beyond them', () => {
  const plan = samplePlan();
  expect(actsIn(plan, 'writeErrors', 'loading')).toBe(true);
  expect(actsIn(plan, 'writeErrors', 'switched')).toBe(false);
  expect(actsIn(plan, 'configuration', 'switched')).toBe(true);
  expect(actsIn(plan, 'booksOpen', 'frozen')).toBe(true);
  expect(actsIn(plan, 'booksOpen', 'undoing')).toBe(false);
  expect(actsIn(null, 'writeErrors', 'switched')).toBe(true);
});

test('the sign of life of the watcher counts for three of its intervals, and for five seconds at least', () => {
  expect(guardWithinMs(sampleEnv())).toBe(5_000);
  expect(guardWithinMs(sampleEnv((raw) => (raw.timings.guardEvery = '1m')))).toBe(180_000);
});
