import { expect, test } from 'vitest';
import { CallCount } from '../../scripts/bench/target/call-count.ts';

test('takes so many calls in any time as its quota says, and tells of the others how long they have to wait', () => {
  const count = new CallCount({ calls: 2, perMs: 100 });
  expect([0, 40, 60, 99, 100, 139, 140].map((at) => count.enter(at))).toEqual([0, 0, 40, 1, 0, 1, 0]);
  expect(count.counted(0, 1_000)).toEqual({ taken: 4, refused: 3, atOnce: 0 });
  expect(count.counted(60, 100)).toEqual({ taken: 1, refused: 2, atOnce: 0 });
});

test('takes every call where it has no quota', () => {
  const count = new CallCount(null);
  expect([0, 0, 0].map((at) => count.enter(at))).toEqual([0, 0, 0]);
  expect(count.counted(0, 0)).toEqual({ taken: 3, refused: 0, atOnce: 0 });
});

test('tells how many calls were open at once at most, of those that began within a time', () => {
  const count = new CallCount(null);
  count.began(0);
  count.began(1);
  count.began(2);
  count.ended();
  count.ended();
  count.began(3);
  expect(count.counted(0, 3).atOnce).toBe(3);
  expect(count.counted(3, 9).atOnce).toBe(2);
  expect(count.counted(4, 9).atOnce).toBe(0);
});
