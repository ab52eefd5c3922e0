import { expect, test } from 'vitest';
import fc from 'fast-check';
import { judgeLimits, limitsPass } from '../../../domain/gates/limits.ts';

const limits = [
  { metric: 'unexplained' as const, max: 0 },
  { metric: 'mismatchRate' as const, max: 0.02 },
];

test('every limit is judged by its value', () => {
  const facts = judgeLimits(limits, { unexplained: 0, mismatchRate: 0.03 });
  expect(facts).toEqual([
    { metric: 'unexplained', value: 0, max: 0, verdict: 'pass' },
    { metric: 'mismatchRate', value: 0.03, max: 0.02, verdict: 'breach' },
  ]);
  expect(limitsPass(facts)).toBe(false);
});

test('a gate opens when all its limits pass', () => {
  expect(limitsPass(judgeLimits(limits, { unexplained: 0, mismatchRate: 0.02 }))).toBe(true);
});

test.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY, -1])('a value of %s is missing and shuts the gate', (value) => {
  const facts = judgeLimits(limits, { unexplained: 0, ...(value === undefined ? {} : { mismatchRate: value }) });
  expect(facts[1]).toMatchObject({ value: null, verdict: 'inconclusive' });
  expect(limitsPass(facts)).toBe(false);
});

test('a gate without a limit stays shut', () => {
  expect(limitsPass([])).toBe(false);
});

test('a gate never opens above a limit', () => {
  fc.assert(
    fc.property(
      fc.double(),
      fc.double(),
      (a, b) => !limitsPass(judgeLimits(limits, { unexplained: a, mismatchRate: b })) || (a <= 0 && b <= 0.02),
    ),
  );
});
