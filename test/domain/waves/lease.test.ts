import { expect, test } from 'vitest';
import { leaseAtMostMs, prolongedLeaseMs } from '../../../domain/waves/lease.ts';

const lease = 1_000;

test('a lease is prolonged to its whole length once a quarter of it is used', () => {
  expect(prolongedLeaseMs({ ageMs: 100, leftMs: 900 }, lease, 4_000)).toBeNull();
  expect(prolongedLeaseMs({ ageMs: 250, leftMs: 750 }, lease, 4_000)).toBe(1_000);
  expect(prolongedLeaseMs({ ageMs: 2_000, leftMs: 10 }, lease, 4_000)).toBe(1_000);
});

test('a freeze never lasts longer than it may in all, and a lapsed lease is never revived', () => {
  expect(prolongedLeaseMs({ ageMs: 3_400, leftMs: 300 }, lease, 4_000)).toBe(600);
  expect(prolongedLeaseMs({ ageMs: 3_800, leftMs: 200 }, lease, 4_000)).toBeNull();
  expect(prolongedLeaseMs({ ageMs: 9_000, leftMs: 200 }, lease, 4_000)).toBeNull();
  expect(prolongedLeaseMs({ ageMs: 1_001, leftMs: -1 }, lease, 4_000)).toBeNull();
});

test('the allowance is four leases where the env does not say, and never less than one', () => {
  expect(leaseAtMostMs(1_000, undefined)).toBe(4_000);
  expect(leaseAtMostMs(1_000, 2_000)).toBe(2_000);
  expect(leaseAtMostMs(1_000, 10)).toBe(1_000);
});
