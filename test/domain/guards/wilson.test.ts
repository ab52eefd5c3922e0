import { expect, test } from 'vitest';
import fc from 'fast-check';
import { wilsonLowerBound } from '../../../domain/guards/wilson.ts';

test('agrees with values worked out by hand for a one-sided 95 % bound', () => {
  expect(wilsonLowerBound(10, 100)).toBeCloseTo(0.0608, 3);
  expect(wilsonLowerBound(1, 1)).toBeCloseTo(1 / (1 + 1.6448536269514722 ** 2), 12);
});

test('nothing seen bounds nothing', () => {
  expect(wilsonLowerBound(0, 0)).toBe(0);
  expect(wilsonLowerBound(0, 50)).toBe(0);
});

test('lies below the rate seen and grows with every failure', () => {
  const samples = fc.integer({ min: 1, max: 1_000 }).chain((n) => fc.tuple(fc.nat(n - 1), fc.constant(n)));
  fc.assert(
    fc.property(samples, ([k, n]) => {
      expect(wilsonLowerBound(k, n)).toBeLessThanOrEqual(k / n);
      expect(wilsonLowerBound(k + 1, n)).toBeGreaterThan(wilsonLowerBound(k, n));
    }),
  );
});
