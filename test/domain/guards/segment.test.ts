import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { judgeSegment, type Before } from '../../../domain/guards/segment.ts';
import type { GuardContext } from '../../../domain/guards/verdict.ts';
import type { GuardPlan } from '../../../domain/plan/plan.ts';

const guard: GuardPlan = {
  ...{ name: 'exceptions', metric: 'openExceptions', kind: 'count', limit: 0, minimumSample: 1, alpha: 0.01, window: 60_000 },
  ...{ stages: ['loading'], answer: { beforeSwitch: 'rollback', afterSwitch: 'pause' }, owner: 'it' },
};
const context: GuardContext = { ageMs: 0, staleAfterMs: 1_000, failedReads: 0, segment: 2, previousSecondLook: true };
const nothing: Before = { k: 0, n: 0, accepted: 0, fresh: 0 };
const standing = (accepted: number, fresh: number) => ({ grows: false, before: { ...nothing, accepted, fresh } });

describe('what stands now', () => {
  test('is no pass where it was not read', () => {
    expect(judgeSegment(guard, null, standing(3, 0), context).verdict).toBe('inconclusive');
  });

  test('passes where all of it was accepted by name, and says so', () => {
    const verdict = judgeSegment(guard, { k: 3, n: 10 }, standing(3, 0), context);
    expect(verdict).toMatchObject({
      verdict: 'pass',
      k: 3,
      reason: 'openExceptions is 3 in 10 records; 3 were accepted by name when the run was resumed.',
    });
  });

  test('is judged whole where one of it was accepted by nobody', () => {
    expect(judgeSegment(guard, { k: 3, n: 10 }, standing(2, 1), context)).toMatchObject({ verdict: 'breach', k: 3 });
    expect(judgeSegment(guard, { k: 1, n: 10 }, standing(0, 1), context)).toMatchObject({ verdict: 'breach', k: 1 });
  });

  test('that was accepted is still inconclusive where too few records were looked at', () => {
    expect(judgeSegment({ ...guard, minimumSample: 20 }, { k: 3, n: 10 }, standing(3, 0), context)).toMatchObject({
      verdict: 'inconclusive',
      k: 3,
    });
  });

  test('never gets better by one more fault', () => {
    const worse = { pass: 0, inconclusive: 1, error: 1, breach: 2 };
    fc.assert(
      fc.property(fc.nat(5), fc.nat(5), fc.nat(5), (accepted, fresh, limit) => {
        const at = (more: number) =>
          judgeSegment({ ...guard, limit }, { k: accepted + fresh + more, n: 10 }, standing(accepted, fresh + more), context);
        return worse[at(1).verdict] >= worse[at(0).verdict];
      }),
    );
  });
});

test('outcomes are counted from the last answer on', () => {
  const grows = { grows: true, before: { ...nothing, k: 2, n: 10 } };
  expect(judgeSegment(guard, { k: 2, n: 20 }, grows, context)).toMatchObject({ verdict: 'pass', k: 0, n: 10 });
  expect(judgeSegment(guard, { k: 3, n: 20 }, grows, context)).toMatchObject({ verdict: 'breach', k: 1, n: 10 });
  expect(judgeSegment(guard, { k: 1, n: 5 }, grows, context)).toMatchObject({ k: 0, n: 0 });
});
