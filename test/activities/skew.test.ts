import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { Deps } from '../../activities/deps.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { load, only, stage, startLoadBench, type LoadBench } from './load-bench.ts';
import { clocks, shifted, type Clock } from './shifted-clock.ts';

let bench: LoadBench;
beforeAll(async () => {
  bench = await startLoadBench(3_000);
});
afterAll(() => bench.stop());
afterEach(() => bench.fault(null));

async function loadWithLostAnswer(
  clock: Clock,
): Promise<{ readonly ref: WaveRef; readonly key: string; readonly origin: string | undefined }> {
  const ref = await bench.begin();
  const key = `K-${randomUUID().slice(0, 8)}`;
  await stage(bench, ref, 'customer', key, {
    ...{ customer_id: key, company_name: `Company ${key}`, contact_person: 'Ann', phone: key, fax: null },
    addresses: [{ street: 'Obere Str. 57', city: 'Berlin', postalCode: key, country: 'DE' }],
  });
  await bench.fault({ match: { bodyIncludes: 'party.party.create' }, action: 'loseResponse', times: 1 });
  const { port, point } = shifted(bench.erp, clock);
  const systems: Deps['systems'] = async (run) => ({ ...(await bench.deps.systems(run)), target: () => port });
  await load({ ...bench, deps: { ...bench.deps, systems, point } }, ref, 'customer');
  const { scope } = await bench.ledger.runs.get(ref.run);
  const [row] = await bench.ledger.crosswalk.bySource(scope ?? '', 'customer', [key]);
  return { ref, key, origin: row?.origin };
}

test.each(clocks)('a record whose answer was lost is ours and there once, with the clock of the target off by %j', async (clock) => {
  const { ref, key, origin } = await loadWithLostAnswer(clock);
  expect(origin).toBe('created');
  expect(await only(bench.person, 'party', key)).toMatchObject({ createdByUs: false });
  expect(await bench.ledger.exceptions.openOf(ref.run)).toEqual([]);
});
