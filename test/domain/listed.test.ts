import { expect, test } from 'vitest';
import { listedFirst, listedNames, listedTexts } from '../../domain/listed.ts';

const some = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `K${String(index + 1)}`);

test('of many names the first 20 are named and the others counted', () => {
  expect([listedNames([]), listedNames(['one']), listedNames(some(3))]).toEqual(['', 'one', 'K1, K2, K3']);
  expect(listedNames(some(20))).toMatch(/^K1, .*, K19, K20$/);
  expect(listedNames(some(21))).toMatch(/^K1, .*, K19, K20 and 1 more$/);
  expect(listedNames(some(22), (name) => `"${name}"`)).toMatch(/^"K1", .*, "K20" and 2 more$/);
});

test('of many texts as well, which may hold commas', () => {
  expect([listedTexts(['a, b', 'c']), listedTexts(some(20))]).toEqual(['a, b; c', some(20).join('; ')]);
  expect(listedTexts(some(1_000))).toMatch(/^K1; .*; K20; and 980 more$/);
});

test('of those that were counted without being kept, only how many they are is said', () => {
  expect([listedFirst([], 0), listedFirst(['one'], 1), listedFirst(['one', 'two'], 7)]).toEqual(['', 'one', 'one, two and 5 more']);
  expect(listedFirst(['one', 'two'], 0)).toBe('one, two');
  expect(listedFirst(['one (why)', 'two (why)'], 3, ', ', ', ')).toBe('one (why), two (why), and 1 more');
});
