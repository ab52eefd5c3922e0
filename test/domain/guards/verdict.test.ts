import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { alphaOfSegment } from '../../../domain/guards/e-process.ts';
import { judge, type GuardContext, type GuardVerdict } from '../../../domain/guards/verdict.ts';
import { guardSchema, type GuardPlan } from '../../../domain/plan/plan.ts';

const rate = guardSchema.parse({
  name: 'writeErrors',
  metric: 'writeErrorRate',
  kind: 'rate',
  limit: 0.02,
  minimumSample: 50,
  window: '1h',
  stages: ['loading'],
  answer: { beforeSwitch: 'rollback', afterSwitch: 'pause' },
  owner: 'it',
});
const small: GuardPlan = { ...rate, exactCount: 3 };
const count: GuardPlan = { ...rate, kind: 'count', metric: 'unexplained', limit: 2, minimumSample: 1 };
const context: GuardContext = { ageMs: 0, staleAfterMs: 1_000, failedReads: 0, segment: 1, previousSecondLook: false };

describe('data that is missing', () => {
  test('is inconclusive when nothing was measured or the measurement is too old', () => {
    expect(judge(rate, null, context)).toMatchObject({ verdict: 'inconclusive', k: null, n: null, eValue: null });
    expect(judge(rate, { k: 0, n: 100 }, { ...context, ageMs: 1_001 })).toMatchObject({ verdict: 'inconclusive', k: 0, n: 100 });
    expect(judge(rate, { k: 100, n: 100 }, { ...context, ageMs: Number.NaN })).toMatchObject({ verdict: 'inconclusive' });
  });

  test('is an error when the metric keeps failing', () => {
    expect(judge(rate, { k: 0, n: 100 }, { ...context, failedReads: 3 }).verdict).toBe('error');
    expect(judge(rate, { k: 0, n: 100 }, { ...context, failedReads: 2 }).verdict).toBe('pass');
  });

  test.each([
    { k: -1, n: 1 },
    { k: 1.5, n: 9 },
    { k: 0, n: Number.NaN },
    { k: 2, n: 1 },
  ])('is an error when a rate is measured as %j', (measurement) => {
    expect(judge(rate, measurement, context).verdict).toBe('error');
  });
});

describe('a plain limit', () => {
  test('breaches on the second look and warns on the first', () => {
    const first = judge(count, { k: 3, n: 10 }, context);
    expect(first).toMatchObject({ verdict: 'inconclusive', warn: true, secondLook: true });
    expect(judge(count, { k: 3, n: 10 }, { ...context, previousSecondLook: first.secondLook })).toMatchObject({
      verdict: 'breach',
      secondLook: true,
    });
  });

  test('may be larger than the records looked at, and passes up to its limit', () => {
    expect(judge(count, { k: 3, n: 1 }, context).secondLook).toBe(true);
    expect(judge(count, { k: 2, n: 10 }, context)).toMatchObject({ verdict: 'pass', warn: false, secondLook: false });
  });

  test('holds below the minimum sample as an exact count', () => {
    expect(judge(small, { k: 3, n: 10 }, { ...context, previousSecondLook: true }).verdict).toBe('breach');
    expect(judge(small, { k: 2, n: 10 }, { ...context, previousSecondLook: true }).verdict).toBe('inconclusive');
  });

  test('gives way to the rate once the sample is large enough', () => {
    expect(judge(small, { k: 3, n: 50 }, { ...context, previousSecondLook: true }).verdict).toBe('pass');
    expect(judge(small, { k: 3, n: 49 }, { ...context, previousSecondLook: true }).verdict).toBe('breach');
    expect(judge(small, { k: 3, n: 1_000 }, { ...context, previousSecondLook: true }).verdict).toBe('pass');
  });
});

describe('a sample below the minimum', () => {
  test('is inconclusive without an exact count', () => {
    expect(judge(rate, { k: 10, n: 10 }, context)).toMatchObject({ verdict: 'inconclusive', secondLook: false });
    expect(judge(count, { k: 0, n: 0 }, context).verdict).toBe('inconclusive');
  });
});

describe('a rate', () => {
  test('breaches when the evidence passes 1/alpha, with the numbers in the reason', () => {
    const verdict = judge(rate, { k: 15, n: 100 }, context);
    expect(verdict).toMatchObject({ verdict: 'breach', k: 15, n: 100 });
    expect(verdict.eValue).toBeGreaterThan(100);
    expect(verdict.reason).toMatch(
      /^writeErrorRate is 15 in 100 records; the limit is 0\.02, the evidence against it [\d.e+]+ of the 164 that make a breach\.$/,
    );
  });

  test('breaches exactly where the evidence reaches the threshold of its segment', () => {
    for (let k = 0; k <= 60; k += 1) {
      for (const segment of [1, 2, 3]) {
        const { verdict, eValue: evidence } = judge(rate, { k, n: 60 }, { ...context, segment });
        expect(verdict).toBe(evidence! >= 1 / alphaOfSegment(rate.alpha, segment) ? 'breach' : 'pass');
      }
    }
  });

  test('warns when it is likely above the limit and the evidence does not suffice yet', () => {
    expect(judge(rate, { k: 5, n: 100 }, context)).toMatchObject({ verdict: 'pass', warn: true });
    expect(judge(rate, { k: 1, n: 100 }, context)).toMatchObject({ verdict: 'pass', warn: false });
  });

  test('needs more evidence in every further segment', () => {
    const measurement = { k: 8, n: 60 };
    expect(judge(rate, measurement, context).verdict).toBe('breach');
    expect(judge(rate, measurement, { ...context, segment: 40 }).verdict).toBe('pass');
  });
});

const badness: Record<GuardVerdict['verdict'], number> = { pass: 0, inconclusive: 1, error: 2, breach: 3 };
const guards = fc.record({
  guard: fc.constantFrom(rate, small, count),
  limit: fc.constantFrom(0, 0.02, 0.3),
  minimumSample: fc.integer({ min: 1, max: 60 }),
});
const contexts = fc.record({
  ageMs: fc.nat(2_000),
  staleAfterMs: fc.constant(1_000),
  failedReads: fc.nat(4),
  segment: fc.integer({ min: 1, max: 5 }),
  previousSecondLook: fc.boolean(),
});

test('more failures in as many records never make a verdict better', () => {
  const samples = fc.integer({ min: 1, max: 200 }).chain((n) => fc.tuple(fc.nat(n - 1), fc.constant(n)));
  fc.assert(
    fc.property(guards, contexts, samples, ({ guard, ...rest }, when, [k, n]) => {
      const [fewer, more] = [judge({ ...guard, ...rest }, { k, n }, when), judge({ ...guard, ...rest }, { k: k + 1, n }, when)];
      expect(badness[more.verdict]).toBeGreaterThanOrEqual(badness[fewer.verdict]);
    }),
    { numRuns: 1_000 },
  );
});

test('missing data is never a pass and never a breach', () => {
  fc.assert(
    fc.property(guards, contexts, fc.option(fc.record({ k: fc.nat(9), n: fc.nat(300) })), ({ guard, ...rest }, when, measurement) => {
      fc.pre(measurement === null || when.ageMs > when.staleAfterMs);
      expect(judge({ ...guard, ...rest }, measurement, when).verdict).toBe('inconclusive');
    }),
  );
});
