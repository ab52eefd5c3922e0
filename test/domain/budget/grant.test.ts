import { describe, expect, test } from 'vitest';
import { callKinds, floorOf, grantAll, leased, portionOf, type CallKind } from '../../../domain/budget/grant.ts';
import { freshWindow, recounted, reported, usedAt, type LimitWindow } from '../../../domain/budget/window.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** 1,000 calls in 96 hours of which a tenth is for a rollback: calls are counted together hour by hour. */
const window = freshWindow(1_000, 96 * hour, 0.1);

/** The window after so many of our calls were answered at an instant. */
function spent(calls: number, atMs: number, from: LimitWindow = window): LimitWindow {
  const holding = leased(from, { id: 'own', calls: 0, untilMs: atMs + 1 }, { calls, looks: false }, atMs);
  return reported(holding, atMs, { lease: 'own', used: calls, kept: 0 });
}

function grant(kind: CallKind, at: LimitWindow, nowMs: number): ReturnType<typeof grantAll>['grant'] {
  return grantAll([at], kind, nowMs).grant;
}

describe('what may be had of a limit', () => {
  test('is a portion of the limit, never more than a fiftieth or 100 calls', () => {
    expect([10, 190, 1_000, 1_000_000].map((limit) => portionOf({ limit }))).toEqual([1, 4, 20, 100]);
    expect(grant('load', window, 0)).toEqual({ calls: 20, looks: false });
  });

  test('leaves the reserve to a rollback, and something to each kind that is more urgent', () => {
    expect(callKinds.map((kind) => floorOf(window, kind))).toEqual([0, 100, 110, 120]);
    const full = spent(900, 0);
    expect(grant('rollback', full, 0)).toEqual({ calls: 20, looks: false });
    expect(grant('live', full, 0)).toEqual({ calls: 0, waitUntilMs: 97 * hour });
    expect(grant('live', spent(895, 0), 0)).toEqual({ calls: 5, looks: false });
    expect(grant('verification', spent(890, 0), 0)).toMatchObject({ calls: 0 });
    expect(grant('rollback', spent(1_000, 0), 0)).toEqual({ calls: 0, waitUntilMs: 97 * hour });
  });

  test('counts what others hold, until their leases expire', () => {
    const held = leased(spent(880, 0), { id: 'other', calls: 0, untilMs: 60_000 }, { calls: 20, looks: false }, 0);
    expect(usedAt(held, 0)).toBe(900);
    expect(grant('live', held, 0)).toEqual({ calls: 0, waitUntilMs: 60_000 });
  });

  test('slows the load from 80 % on: the rest is dealt out as the time since our oldest call goes by', () => {
    const slowed = spent(800, hour / 2);
    // 80 calls are left to the load until the first ones leave the window; a portion of 20 is a quarter of them.
    expect(grant('load', slowed, hour / 2)).toEqual({ calls: 0, waitUntilMs: hour + 24 * hour });
    expect(grant('load', slowed, hour + 24 * hour)).toEqual({ calls: 20, looks: false });
    expect(grant('verification', slowed, hour / 2)).toEqual({ calls: 20, looks: false });
  });

  test('goes on when calls leave the window, where the rest cannot be dealt out sooner', () => {
    const full = spent(80, 50 * hour, spent(800, 0));
    expect(grant('load', full, 50 * hour)).toEqual({ calls: 0, waitUntilMs: 97 * hour });
    expect(grant('load', full, 97 * hour)).toEqual({ calls: 20, looks: false });
  });

  test('is not slowed where the reserve begins before 80 %', () => {
    const large = { ...window, reserve: 0.5 };
    expect(grant('load', spent(460, 0, large), 0)).toEqual({ calls: 20, looks: false });
    expect(grant('load', spent(480, 0, large), 0)).toEqual({ calls: 0, waitUntilMs: 97 * hour });
  });

  /** 10,000 calls in 96 hours: a look each hour is less than 1 % of them. */
  const large = freshWindow(10_000, 96 * hour, 0.1);

  test('looks with one call how many others made, at most once in a ninety-sixth of the window', () => {
    const busy = recounted(large, 0, { used: 9_500, limit: 10_000, atMs: 0, counted: 0 });
    expect(grant('load', busy, 0)).toEqual({ calls: 0, waitUntilMs: hour });
    expect(grant('load', busy, hour)).toEqual({ calls: 1, looks: true });
    const looked = leased(busy, { id: 'own', calls: 0, untilMs: hour + 1 }, { calls: 1, looks: true }, hour);
    expect(grant('load', looked, hour)).toEqual({ calls: 0, waitUntilMs: 2 * hour });
    expect(grant('load', recounted(looked, hour, { used: 7_000, limit: 10_000, atMs: hour, counted: 0 }), hour)).toMatchObject({
      calls: 100,
    });
  });

  test('spends no more than 1 % of the limit on looks', () => {
    const busy = recounted(freshWindow(200, 96 * hour, 0.1), 0, { used: 190, limit: 200, atMs: 0, counted: 0 });
    expect(grant('load', busy, 0)).toEqual({ calls: 0, waitUntilMs: 48 * hour });
  });

  test('looks seldom where the limit is used up, and never where the calls of others are not what is in the way', () => {
    const all = recounted(large, 0, { used: 10_000, limit: 10_000, atMs: 0, counted: 0 });
    expect(grant('load', all, 0)).toEqual({ calls: 0, waitUntilMs: 8 * hour });
    const short = recounted(freshWindow(100, 10_000, 0), 0, { used: 100, limit: 100, atMs: 0, counted: 0 });
    expect(grant('live', short, 0)).toEqual({ calls: 0, waitUntilMs: 10_000 });
    const ours = recounted(spent(900, 0), 0, { used: 901, limit: 1_000, atMs: 0, counted: 900 });
    expect(grant('live', ours, 0)).toEqual({ calls: 0, waitUntilMs: 97 * hour });
  });

  test('is asked for again soon where nothing will ever leave enough', () => {
    const none = freshWindow(0, day, 0);
    expect(grant('live', none, 0)).toEqual({ calls: 0, waitUntilMs: day / 96 });
    const some = spent(1, 0, none);
    expect(grant('live', some, 0)).toEqual({ calls: 0, waitUntilMs: day + day / 96 });
  });
});

describe('a small limit', () => {
  test('lets every kind of calls have one, however much is reserved', () => {
    for (const limit of [1, 2, 10])
      for (const kind of callKinds) expect(grant(kind, freshWindow(limit, day, 0.9), 0)).toMatchObject({ calls: 1 });
  });

  test('is asked again after a second at the soonest', () => {
    expect(grant('live', spent(1, 0, freshWindow(1, 100, 0)), 0)).toEqual({ calls: 0, waitUntilMs: 1_000 });
  });
});

describe('a system with several limits', () => {
  const short = freshWindow(190, 10_000, 0);

  test('gives as many calls as the tightest of them allows', () => {
    expect(grantAll([short, window], 'load', 0)).toEqual({ grant: { calls: 4, looks: false }, tightest: short });
    expect(grantAll([window, short], 'load', 0)).toEqual({ grant: { calls: 4, looks: false }, tightest: short });
    expect(grantAll([short, short], 'load', 0).tightest).toBe(short);
  });

  test('has to be waited for as long as the one that takes longest', () => {
    const [fullShort, full] = [spent(190, 0, short), spent(1_000, 0)];
    for (const windows of [
      [fullShort, full],
      [full, fullShort],
      [full, short],
      [short, full],
    ])
      expect(grantAll(windows, 'live', 0)).toEqual({ grant: { calls: 0, waitUntilMs: 97 * hour }, tightest: full });
  });

  test('without any limit gives a lease of the usual size', () => {
    expect(grantAll([], 'load', 0)).toEqual({ grant: { calls: 100, looks: false }, tightest: null });
  });
});
