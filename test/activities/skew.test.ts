import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Deps } from '../../activities/deps.ts';
import type { TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { load, only, stage, startLoadBench, type LoadBench } from './load-bench.ts';

let bench: LoadBench;
beforeAll(async () => {
  bench = await startLoadBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.fault(null));

/** How far the target's clock is ahead (ms): when the lane is claimed, when the record is made, when the outcome is looked for. */
interface Clock {
  readonly claimed: number;
  readonly made: number;
  readonly resolved: number;
}

/** The target with such a clock. */
function shifted(port: TargetPort, clock: Clock): { readonly port: TargetPort; readonly point: Deps['point'] } {
  let isSent = false;
  const moved = <T extends TargetRecord>(record: T): T => ({
    ...record,
    createdAt: record.createdAt === null ? null : new Date(Date.parse(record.createdAt) + clock.made).toISOString(),
  });
  const changed: Partial<TargetPort> = {
    now: async () => {
      const { earliestMs, latestMs } = await port.now();
      const byMs = isSent ? clock.resolved : clock.claimed;
      return { earliestMs: earliestMs + byMs, latestMs: latestMs + byMs };
    },
    get: async (object, ids) => (await port.get(object, ids)).map(moved),
    findByKey: async (object, keys) => (await port.findByKey(object, keys)).map(moved),
    findByFields: async (object, criteria) => (await port.findByFields(object, criteria)).map(moved),
  };
  return {
    port: new Proxy(port, {
      get: (own, name) => {
        const value = (changed as Record<PropertyKey, unknown>)[name] ?? (own as unknown as Record<PropertyKey, unknown>)[name];
        return typeof value === 'function' ? (value as () => unknown).bind(own) : value;
      },
    }),
    point: (name) => {
      if (name === 'beforeSend') isSent = true;
    },
  };
}

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

const shifts = [2_000, -2_000, 600_000, -600_000];
const clocks = shifts.flatMap((ms): Clock[] => [
  { claimed: ms, made: ms, resolved: ms },
  { claimed: 0, made: ms, resolved: ms },
  { claimed: ms, made: ms, resolved: 0 },
]);

test.each(clocks)('a record whose answer was lost is ours and there once, with the clock of the target off by %j', async (clock) => {
  const { ref, key, origin } = await loadWithLostAnswer(clock);
  expect(origin).toBe('created');
  expect(await only(bench.person, 'party', key)).toMatchObject({ createdByUs: false });
  expect(await bench.ledger.exceptions.openOf(ref.run)).toEqual([]);
});
