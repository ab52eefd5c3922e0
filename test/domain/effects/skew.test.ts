import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { hullsOf, isOursByTime, offsetOf } from '../../../domain/effects/skew.ts';

test('a reading leaves the offset as open as the call was long and the clock is coarse', () => {
  expect(offsetOf({ beforeMs: 1_000, earliestMs: 3_000, latestMs: 3_999, afterMs: 1_040 })).toEqual({ leastMs: 1_960, mostMs: 2_999 });
});

test('the hull takes in every offset measured since an instant, and the last one before it; without one there is none', () => {
  const readings = [
    { atMs: 1, leastMs: -900, mostMs: 900 },
    { atMs: 5, leastMs: -5, mostMs: 3 },
    { atMs: 9, leastMs: 590_000, mostMs: 600_000 },
  ];
  const hullSince = hullsOf(readings);
  expect(hullsOf([])(5)).toBe(null);
  expect(hullSince(0)).toEqual({ leastMs: -900, mostMs: 600_000 });
  expect(hullSince(5)).toEqual({ leastMs: -5, mostMs: 600_000 });
  expect(hullSince(8)).toEqual({ leastMs: -5, mostMs: 600_000 });
  expect(hullSince(10)).toEqual({ leastMs: 590_000, mostMs: 600_000 });
});

describe('a record under our key', () => {
  const at = (ms: number) => ({ createdByUs: true, created: { earliestMs: ms, latestMs: ms } });

  test('made by our user after the first intent is ours, however far the clocks are apart', () => {
    const shifts = fc.integer({ min: -600_000, max: 600_000 });
    fc.assert(
      fc.property(shifts, shifts, fc.nat(10_000), fc.nat(50), (shift, other, later, took) => {
        const [atClaim, atResolve] = [shift, other].map((ms) =>
          offsetOf({ beforeMs: 1_000, earliestMs: 1_000 + ms, latestMs: 1_000 + ms + took, afterMs: 1_000 + took }),
        );
        const hull = hullsOf([atClaim, atResolve].flatMap((offset, atMs) => (offset === undefined ? [] : [{ ...offset, atMs }])))(0);
        return isOursByTime(at(5_000 + later + shift), 5_000, hull) && isOursByTime(at(5_000 + later + other), 5_000, hull);
      }),
    );
  });

  test('that was surely there before the first intent is not ours', () => {
    expect(isOursByTime(at(4_000), 5_000, { leastMs: -10, mostMs: 10 })).toBe(false);
    expect(isOursByTime(at(4_000), 5_000, { leastMs: -1_000, mostMs: 10 })).toBe(true);
  });

  test('made by somebody else, or without a time, is not ours; without an offset nothing is sure', () => {
    expect(isOursByTime({ ...at(9_000), createdByUs: false }, 5_000, null)).toBe(false);
    expect(isOursByTime({ createdByUs: true, created: null }, 5_000, null)).toBe(false);
    expect(isOursByTime(at(1), 5_000, null)).toBe(true);
  });
});
