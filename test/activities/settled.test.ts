import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadLane } from '../../activities/load/load-lane.ts';
import { planLoad } from '../../activities/load/plan-load.ts';
import type { Deps } from '../../activities/deps.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import { inActivity } from './alone.ts';
import { stage, startLoadBench, type LoadBench } from './load-bench.ts';

let bench: LoadBench;
beforeAll(async () => {
  bench = await startLoadBench();
});
afterAll(() => bench.stop());

const keys = Array.from({ length: 60 }, (_, index) => `S${String(index).padStart(4, '0')}`);
const customer = (key: string) => ({
  ...{ customer_id: key, company_name: `Company ${key}`, contact_person: null, phone: null, fax: null },
  addresses: [{ street: 'High Street 1', postalCode: '10115', city: 'Berlin', country: 'DE' }],
});

/** The target, and how often it was asked for records. */
function counting(port: TargetPort): { readonly port: TargetPort; readonly asked: Record<string, number> } {
  const asked: Record<string, number> = {};
  const counted = new Proxy(port, {
    get: (own, name) => {
      if (name !== 'findByKey' && name !== 'get') return Reflect.get(own, name) as unknown;
      return (...args: readonly [string, readonly string[]]) => {
        asked[name] = (asked[name] ?? 0) + 1;
        return own[name](...args);
      };
    },
  });
  return { port: counted, asked };
}

test('what a worker had sent when it died is settled batch by batch, and nothing is written twice', async () => {
  const ref = await bench.begin();
  for (const key of keys) await stage(bench, ref, 'customer', key, customer(key));
  const dying: Deps = {
    ...bench.deps,
    point: (name) => {
      if (name === 'afterCall') throw new Error('killed');
    },
  };
  await bench.ledger.runs.beatGuard(ref.run);
  const lanes = await inActivity(() => planLoad(bench.deps)(ref, 'customer'));
  for (const lane of lanes) await expect(inActivity(() => loadLane(dying)(ref, lane))).rejects.toThrow('killed');
  const sent = (await bench.person.findByKey('party', keys)).length;
  expect(sent).toBeGreaterThan(20);

  const { port, asked } = counting(bench.erp);
  const deps: Deps = { ...bench.deps, systems: async (of) => ({ ...(await bench.deps.systems(of)), target: () => port }) };
  for (const lane of lanes) expect(await inActivity(() => loadLane(deps)(ref, lane))).toMatchObject({ end: 'done' });
  expect((await bench.person.findByKey('party', keys)).map(({ key }) => key).toSorted()).toEqual(keys);
  // Candidates, what was sent, doubles, after-images: some reads for each batch, none for each record.
  expect((asked['findByKey'] ?? 0) + (asked['get'] ?? 0)).toBeLessThan(sent / 4);
});
