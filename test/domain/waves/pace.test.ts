import { expect, test } from 'vitest';
import { paceOf } from '../../../domain/waves/pace.ts';

test('the rest takes as long as what is done took, in proportion', () => {
  expect(paceOf({ done: 500, total: 2_000, elapsedMs: 10_000 })).toEqual({ perSecond: 50, leftMs: 30_000 });
});

test('nothing is left of what is done, also where more was done than was planned', () => {
  expect(paceOf({ done: 20, total: 20, elapsedMs: 1_000 })?.leftMs).toBe(0);
  expect(paceOf({ done: 21, total: 20, elapsedMs: 1_000 })?.leftMs).toBe(0);
});

test.each([
  [0, 1_000],
  [5, null],
  [5, 0],
])('there is no pace while nothing is done or no time has passed: %s records in %s ms', (done, elapsedMs) => {
  expect(paceOf({ done, total: 10, elapsedMs })).toBeNull();
});
