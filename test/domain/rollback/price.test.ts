import { expect, test } from 'vitest';
import { priceOfGoingBack, type PriceInput } from '../../../domain/rollback/price.ts';

const input: PriceInput = {
  effectsToUndo: 250,
  documentsThatRemain: 1,
  ordersToRekey: 3,
  ordersCountedMs: Date.UTC(2026, 2, 1, 7, 59),
  minutesPerHundredEffects: 2,
  callsReserved: 500,
  nowMs: Date.UTC(2026, 2, 1, 8, 0),
  windowEndsMs: Date.UTC(2026, 2, 1, 9, 0),
};

test('the price is told in one sentence, with the last instant to decide', () => {
  const price = priceOfGoingBack(input);
  expect(price).toMatchObject({ minutes: 5, calls: 500, possible: true, latestSafeMs: Date.UTC(2026, 2, 1, 8, 55) });
  expect(price.sentence).toBe(
    'Going back undoes 250 effects in about 5 minutes at the planned rate, leaves 1 document behind, and asks people to enter 3 orders again (counted at 2026-03-01T07:59:00.000Z). It can be decided until 2026-03-01T08:55:00.000Z.',
  );
});

test('after the last instant it is fix forward only', () => {
  const price = priceOfGoingBack({ ...input, nowMs: Date.UTC(2026, 2, 1, 8, 55, 0, 1) });
  expect(price.possible).toBe(false);
  expect(price.sentence).toContain('It could be decided until 2026-03-01T08:55:00.000Z: fix forward only.');
});

test('too few reserved calls make it fix forward only, whatever the time', () => {
  const price = priceOfGoingBack({ ...input, callsReserved: 499 });
  expect(price.possible).toBe(false);
  expect(price.sentence).toContain('It needs 500 API calls and only 499 are reserved: fix forward only.');
});

test('without a deadline and without a limit of calls it stays possible', () => {
  const price = priceOfGoingBack({ ...input, windowEndsMs: null, callsReserved: null });
  expect(price).toMatchObject({ possible: true, latestSafeMs: null });
  expect(price.sentence).toContain('No deadline bounds it.');
});

test('minutes are never told too low', () => {
  expect(priceOfGoingBack({ ...input, effectsToUndo: 1 })).toMatchObject({ minutes: 1, calls: 2 });
});

test('orders that nobody has counted are not told as none, and before any switch there are none to count', () => {
  const uncounted = priceOfGoingBack({ ...input, ordersToRekey: null, ordersCountedMs: null });
  expect(uncounted.sentence).toContain('and asks people to enter again what came in since the switch, which nobody has counted yet.');
  const before = priceOfGoingBack({ ...input, ordersToRekey: 0, ordersCountedMs: null });
  expect(before.sentence).toContain('and asks people to enter 0 orders again. ');
});
