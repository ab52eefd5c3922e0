import { expect, test } from 'vitest';
import { listedNames, listedTexts } from '../../domain/listed.ts';

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
