import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { alphaOfSegment, eValue } from '../../../domain/guards/e-process.ts';

const limits = fc.double({ min: 0.001, max: 0.9, noNaN: true });
const samples = fc.nat(400).chain((n) => fc.tuple(fc.nat(n), fc.constant(n)));

/** Uniform numbers in [0, 1) from a seed (mulberry32), so that a run of trials can be repeated. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Share of trials in which the evidence passes 1/alpha at any of the looks, one after every record. */
function falseAlarms(rate: number, limit: number, alpha: number, trials: number): number {
  const next = uniform(42);
  const known = new Map<number, number>();
  const evidence = (failures: number, records: number): number => {
    const key = failures * 1_000 + records;
    const value = known.get(key) ?? eValue(failures, records, limit);
    known.set(key, value);
    return value;
  };
  let alarms = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    let failures = 0;
    for (let records = 1; records <= 200; records += 1) {
      if (next() < rate) failures += 1;
      if (evidence(failures, records) >= 1 / alpha) {
        alarms += 1;
        break;
      }
    }
  }
  return alarms / trials;
}

describe('the evidence', () => {
  test('is 1 before anything was seen', () => {
    expect(eValue(0, 0, 0.02)).toBeCloseTo(1, 12);
  });

  test('never grows on a success', () => {
    fc.assert(fc.property(samples, limits, ([k, n], limit) => eValue(k, n + 1, limit) <= eValue(k, n, limit) * (1 + 1e-9)));
  });

  test('grows with every failure among as many records', () => {
    fc.assert(
      fc.property(samples, limits, ([k, n], limit) => {
        fc.pre(k < n);
        expect(eValue(k + 1, n, limit)).toBeGreaterThanOrEqual(eValue(k, n, limit));
      }),
    );
  });

  test('is fair at the limit: the next record changes it by nothing on average', () => {
    fc.assert(
      fc.property(samples, limits, ([k, n], limit) => {
        const now = eValue(k, n, limit);
        fc.pre(now > 1e-250 && now < 1e250);
        const average = limit * eValue(k + 1, n + 1, limit) + (1 - limit) * eValue(k, n + 1, limit);
        expect(average / now).toBeCloseTo(1, 9);
      }),
    );
  });

  test('stays finite, however clear it is', () => {
    expect(eValue(100_000, 100_000, 0.001)).toBe(Number.MAX_VALUE);
    expect(eValue(0, 1_000_000, 0.5)).toBe(0);
  });

  test('passes 1/alpha soon when the rate is five times the limit', () => {
    expect(eValue(10, 100, 0.02)).toBeGreaterThan(100);
    expect(eValue(2, 100, 0.02)).toBeLessThan(100);
  });
});

describe('false alarms', () => {
  test.each([0, 0.025, 0.05])('are at most alpha at a rate of %d under a limit of 0.05, looking after every record', (rate) => {
    const [alpha, trials] = [0.05, 2_000];
    const spread = 3 * Math.sqrt((alpha * (1 - alpha)) / trials);
    expect(falseAlarms(rate, 0.05, alpha, trials)).toBeLessThanOrEqual(alpha + spread);
  });

  test('are not all there is: a rate of four times the limit is found', () => {
    expect(falseAlarms(0.2, 0.05, 0.05, 200)).toBeGreaterThan(0.95);
  });
});

describe('the edges', () => {
  test('a limit of nothing is refuted by one failure, a limit of everything by none', () => {
    expect(eValue(0, 10, 0)).toBe(1);
    expect(eValue(1, 10, 0)).toBe(Number.MAX_VALUE);
    expect(eValue(10, 10, 1)).toBe(1);
  });

  test.each([
    [-1, 1, 0.1],
    [2, 1, 0.1],
    [0.5, 1, 0.1],
    [0, Number.NaN, 0.1],
    [0, 1, -0.1],
    [0, 1, 1.1],
    [0, 1, Number.NaN],
  ])('%d of %d under a limit of %d is refused', (failures, records, limit) => {
    expect(() => eValue(failures, records, limit)).toThrow(RangeError);
  });
});

test('all segments together spend no more than alpha', () => {
  const spent = Array.from({ length: 10_000 }, (_, index) => alphaOfSegment(0.01, index + 1)).reduce((a, b) => a + b, 0);
  expect(spent).toBeLessThanOrEqual(0.01);
  expect(spent).toBeGreaterThan(0.00999);
});
