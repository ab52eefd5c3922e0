import { afterEach, expect, test } from 'vitest';
import { contextOf } from '../../activities/deps.ts';
import { countOrdersIfDue } from '../../activities/guards/due.ts';
import { countOrders, priceOf } from '../../activities/rollback/price.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import { sharedWave } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { inActivity } from './alone.ts';
import { startBench, type Bench } from './bench.ts';
import { takeOrder } from './orders.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** How often the change feed of the target was read. */
let feeds = 0;

async function watched() {
  const known = await bench.deps.systems(bench.ref);
  const target = (system: string): TargetPort =>
    new Proxy(known.target(system), {
      get: (own, name) => {
        if (name === 'changesSince') feeds += 1;
        return Reflect.get(own, name) as unknown;
      },
    });
  return contextOf({ ...bench.deps, systems: () => Promise.resolve({ ...known, target }) }, bench.ref);
}

/** The last count of each wave, by the ledger's table. */
async function counts(): Promise<Readonly<Record<string, number>>> {
  const [rows = []] = await askDatabase(bench.business.ledgerUrl, [
    `select distinct on (wave) wave, numerator::int as orders from measurement where metric = 'ordersToRekey' order by wave, id desc`,
  ]);
  return Object.fromEntries(rows.map(({ wave, orders }) => [String(wave), Number(orders)]));
}

test('what people would have to enter again is counted for all waves by one reading of the feed, each wave from its own switch on, and not again before the watcher has rested', async () => {
  bench = await startBench({ waves: 2 });
  const person = await ErpPerson.enter(bench.business.erp);
  await bench.switchOver(await bench.bringIn('pilot'));
  const address = [['create', [{ street: 'Markt 1', city: 'Ulm' }]]];
  await person.call('party.party.create', [{ code: 'NEW-1', name: 'Nobody we moved', addresses: address }]);
  await takeOrder(person, 'ERNSH', 'PILOT-1');
  await takeOrder(person, 'NEW-1', 'NEW-EARLY');
  // The target's clock tells whole seconds.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const context = await watched();
  const count = async (): Promise<number> => {
    feeds = 0;
    await inActivity(async () => countOrders(context, await bench.ledger.waves.all(bench.ref.run)));
    return feeds;
  };
  const forOne = await count();
  expect([forOne, await counts()]).toEqual([1, { pilot: 2 }]);

  await bench.switchOver(await bench.bringIn('east'));
  await takeOrder(person, 'SIMOB', 'EAST-1');
  await takeOrder(person, 'ERNSH', 'PILOT-2');
  await takeOrder(person, 'NEW-1', 'NEW-LATE');
  await person.call('sale.sale.cancel', [await takeOrder(person, 'SIMOB', 'EAST-OFF')]);
  expect([await count(), await counts()]).toEqual([forOne, { pilot: 4, east: 2 }]);
  const [pilot] = (await bench.ledger.waves.all(bench.ref.run)).filter(({ name }) => name === 'pilot');
  if (pilot === undefined) throw new Error('there is no pilot');
  const countIfDue = async (agedMs: number, tookMs: number): Promise<number> => {
    feeds = 0;
    const at = `now() - interval '${String(agedMs)} milliseconds'`;
    await askDatabase(bench.business.ledgerUrl, [
      `update measurement set at = ${at}, read_at = ${at} - interval '${String(tookMs)} milliseconds' where metric = 'ordersToRekey'`,
    ]);
    await inActivity(() => countOrdersIfDue(context, pilot));
    return feeds;
  };
  expect(await countIfDue(500, 0)).toBe(0);
  expect(await countIfDue(60_000, 10_000)).toBe(0);
  expect(await countIfDue(60_000, 100)).toBe(1);
  feeds = 0;
  expect((await inActivity(() => priceOf(context, sharedWave))).sentence).toContain('asks people to enter 6 orders again');
  expect(feeds).toBe(1);
});
