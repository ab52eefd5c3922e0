import { expect, test } from 'vitest';
import { askInMs } from '../../../domain/budget/asking.ts';

const day = 86_400_000;

test('a system with a long wait is asked after a minute, half as soon each time, and every ten minutes in the end', () => {
  expect([0, 1, 2, 3, 4, 5, 2_000].map((asked) => askInMs(day, asked))).toEqual([
    60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000,
  ]);
});

test('a short wait is waited for as it was told, however often it was in vain; one that was not told is a second', () => {
  expect([0, 1, 9].map((asked) => askInMs(11_000, asked))).toEqual([11_000, 11_000, 11_000]);
  expect(askInMs(500_000, 3)).toBe(480_000);
  expect([askInMs(undefined, 0), askInMs(undefined, 7)]).toEqual([1_000, 1_000]);
});
