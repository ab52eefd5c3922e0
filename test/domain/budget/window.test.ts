import { describe, expect, test } from 'vitest';
import { leased } from '../../../domain/budget/grant.ts';
import { freshWindow, othersAt, recounted, reported, usedAt, type LimitWindow } from '../../../domain/budget/window.ts';

/** 1,000 calls in 96 s: calls are counted together second by second. */
const window = freshWindow(1_000, 96_000, 0.1);

function holding(calls: number, untilMs = 60_000, from: LimitWindow = window): LimitWindow {
  return leased(from, { id: 'own', calls: 0, untilMs }, { calls, looks: false }, 0);
}

describe('a moving window', () => {
  test('counts a call from its lease on, and until the window’s length after its answer at least', () => {
    const held = holding(10);
    expect(usedAt(held, 0)).toBe(10);
    const answered = reported(held, 500, { lease: 'own', used: 4, kept: 6 });
    expect([usedAt(answered, 500), answered.booked, answered.leases]).toEqual([10, 4, [{ id: 'own', calls: 6, untilMs: 60_000 }]]);
    const done = reported(answered, 900, { lease: 'own', used: 5, kept: 0 });
    // One call was never made and is given back.
    expect([usedAt(done, 900), done.leases]).toEqual([9, []]);
    expect(done.spent).toEqual([{ calls: 9, untilMs: 97_000 }]);
    expect([usedAt(done, 96_999), usedAt(done, 97_000)]).toEqual([9, 0]);
  });

  test('forgets calls that have left it, and counts those of later parts apart', () => {
    const first = reported(holding(10), 500, { lease: 'own', used: 4, kept: 6 });
    const second = reported(first, 1_500, { lease: 'own', used: 6, kept: 0 });
    expect(second.spent).toEqual([
      { calls: 4, untilMs: 97_000 },
      { calls: 6, untilMs: 98_000 },
    ]);
    expect(reported(second, 97_000, null)).toMatchObject({ spent: [{ calls: 6, untilMs: 98_000 }], booked: 10 });
  });

  test('books all calls of a lease that expired, once, whatever its holder says later', () => {
    const expired = reported(holding(10, 60_000), 60_000, { lease: 'own', used: 3, kept: 2 });
    expect(expired).toMatchObject({ booked: 10, leases: [] });
    expect(reported(expired, 61_000, { lease: 'own', used: 2, kept: 0 })).toMatchObject({ booked: 10, leases: [] });
  });

  test('leaves the leases of others alone', () => {
    const both = leased(holding(10), { id: 'other', calls: 0, untilMs: 50_000 }, { calls: 7, looks: false }, 0);
    expect(reported(both, 0, { lease: 'own', used: 1, kept: 0 }).leases).toEqual([{ id: 'other', calls: 7, untilMs: 50_000 }]);
  });
});

describe('what the system itself counts', () => {
  const own = reported(holding(10), 500, { lease: 'own', used: 10, kept: 0 });

  test('tells the calls of others: all but those of ours that were surely in its count', () => {
    const seen = recounted(own, 600, { used: 210, limit: 2_000, atMs: 550, counted: 10 });
    expect([seen.limit, othersAt(seen, 600), usedAt(seen, 600)]).toEqual([2_000, 200, 210]);
    // Of ten calls it is not sure that they were counted: they are taken for those of others, too.
    expect(othersAt(recounted(own, 600, { used: 210, limit: 1_000, atMs: 550, counted: 0 }), 600)).toBe(210);
    expect(othersAt(recounted(own, 600, { used: 3, limit: 1_000, atMs: 550, counted: 10 }), 600)).toBe(0);
  });

  test('does not count what has left the window already', () => {
    const later = { ...own, booked: 100 };
    expect(othersAt(recounted(later, 600, { used: 210, limit: 1_000, atMs: 550, counted: 95 }), 600)).toBe(205);
    expect(othersAt(recounted(later, 600, { used: 210, limit: 1_000, atMs: 550, counted: 50 }), 600)).toBe(210);
  });

  test('is replaced by the answer to a later call, and by no earlier one', () => {
    const seen = recounted(own, 600, { used: 210, limit: 1_000, atMs: 550, counted: 10 });
    expect(recounted(seen, 700, { used: 100, limit: 1_000, atMs: 540, counted: 10 })).toBe(seen);
    expect(othersAt(recounted(seen, 700, { used: 110, limit: 1_000, atMs: 560, counted: 10 }), 700)).toBe(100);
  });

  test('says nothing where it was sent before the window began', () => {
    expect(recounted(own, 96_500, { used: 210, limit: 1_000, atMs: 500, counted: 0 })).toBe(own);
    const seen = recounted(own, 600, { used: 210, limit: 1_000, atMs: 550, counted: 10 });
    expect([othersAt(seen, 96_549), othersAt(seen, 96_550)]).toEqual([200, 0]);
  });
});
