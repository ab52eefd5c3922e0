import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { loadLane } from '../../activities/load/load-lane.ts';
import { planLoad } from '../../activities/load/plan-load.ts';
import type { LaneEnd } from '../../contracts/activities.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { inActivity } from './alone.ts';
import { load, stage, startLoadBench, type LoadBench } from './load-bench.ts';

/** Customers of one lane, and how many the target takes in one call. */
const customers = 600;
const batch = 100;
let bench: LoadBench;

beforeAll(async () => {
  bench = await startLoadBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.fault(null));

let series = 0;

/** Stages the customers of a lane; returns their keys. */
async function stageCustomers(ref: WaveRef): Promise<readonly string[]> {
  series += 1;
  const keys = Array.from({ length: customers }, (_, index) => `H${String(series)}-${String(index).padStart(3, '0')}`);
  for (const key of keys)
    await stage(bench, ref, 'customer', key, {
      ...{ customer_id: key, company_name: `Company ${key}`, contact_person: null, phone: null, fax: null },
      addresses: [{ street: 'Obere Str. 57', city: 'Berlin', postalCode: '12209', country: 'DE' }],
    });
  return keys;
}

/** How many of these customers stand in the target, by its own tables; a double would count twice. */
async function standing(keys: readonly string[]): Promise<number> {
  let count = 0;
  for (let start = 0; start < keys.length; start += batch)
    count += (await bench.person.findByKey('party', keys.slice(start, start + batch))).length;
  return count;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came to be');
}

const hold = (ref: WaveRef): Promise<unknown> =>
  bench.ledger.holds.place({
    ...ref,
    scope: 'run',
    source: 'person',
    person: 'it',
    role: 'it',
    reason: 'wait',
    follows: null,
    cause: 'request',
  });
const pause = (ref: WaveRef): Promise<unknown> =>
  bench.ledger.guards.store(ref.run, {
    ...{ guard: 'writeErrors', wave: ref.wave, attempt: 1, segment: 1, verdict: 'breach', warn: false, secondLook: false },
    ...{ reason: '3 of 9 failed.', k: 3, n: 9, eValue: null, answer: 'pause' },
  });

test.each([
  ['a hold', hold],
  ["a guard's pause", pause],
] as const)(
  '%s lets at most the batch in flight reach the target; the resume carries on, and nothing is lost or doubled',
  async (_, stop) => {
    const ref = await bench.begin();
    const keys = await stageCustomers(ref);
    await bench.ledger.runs.beatGuard(ref.run);
    const [lane = 0] = await inActivity(() => planLoad(bench.deps)(ref, 'customer'));
    const running: Promise<LaneEnd> = inActivity(() => loadLane(bench.deps)(ref, lane));
    const early = running.then((end) => {
      throw new Error(`the lane ended before its first record stood: ${JSON.stringify(end)}`);
    });
    await Promise.race([until(async () => (await standing(keys.slice(0, batch))) > 0), early]);
    await stop(ref);
    const before = await standing(keys);
    expect(before).toBeLessThan(customers);
    expect(await running).toMatchObject({ end: 'held' });
    const stood = await standing(keys);
    expect(stood - before).toBeLessThanOrEqual(batch);
    expect(stood).toBeLessThan(customers);
    expect(await inActivity(() => loadLane(bench.deps)(ref, lane))).toMatchObject({ end: 'held' });
    expect(await standing(keys)).toBe(stood);
    const { holds } = await bench.ledger.holds.standing(ref.run);
    await bench.ledger.holds.lift(
      ref.run,
      holds.map(({ number }) => number),
      'request',
    );
    expect(await load(bench, ref, 'customer')).toEqual(['done']);
    expect(await standing(keys)).toBe(customers);
  },
);
