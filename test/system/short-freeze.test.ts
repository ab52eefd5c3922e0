import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFault, clearFaults } from '../../scripts/dev/faults.ts';
import { enterAccount, mergeAccounts, newOrder } from '../support/arena/customers.ts';
import type { Driver } from '../support/arena/driver.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { eastIn, writtenInFreeze } from '../support/arena/frozen.ts';
import { useArena } from '../support/arena/scenario.ts';
import { unhurried } from '../support/small-plan.ts';

const arena = useArena();
let driver: Driver;

const salesOf = async (): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> =>
  new Map((await erpTable(driver.business, 'sale.sale')).map((sale) => [String(sale['reference']), sale]));

async function eventually(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 240_000; !(await isSo()); await new Promise((resolve) => setTimeout(resolve, 100)))
    if (Date.now() > end) throw new Error(`it never came to be that ${what}`);
}

test('the accounts of a wave are open in legacy while its records load and are verified; only what changed since is loaded behind the freeze, and what people mended meanwhile before it', async () => {
  driver = await arena.open('shortfreeze', { waves: 2, faults: true, timings: unhurried });
  const { business } = driver;
  const { erp } = business.faults;
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  const marker = join(arena.stack().folder, 'shortfreeze.reached');
  driver.worker.signal('SIGKILL');
  await driver.worker.ended;
  // This worker stops before the first freeze that it begins, which is that of east: the pilot is frozen already.
  const sleeper = await driver.startWorker({ CUTOVER_TEST_POINT: `beforeFreeze:stop:${marker}` });
  for (const account of ['LINOD', 'CACTU']) await enterAccount(business, account, 'Keyed twice');
  await driver.pass('switch-pilot');
  await driver.comesSlowlyTo('east', 'loading');
  // A customer and its order change while the records of the wave are on their way.
  await inLegacy(business, 'app', `update customers set phone = '0555-01' where customer_id = 'SIMOB'`);
  await newOrder(business, 20_011, 'RICSU');
  expect((await driver.ledger.waves.get(driver.run, 'east')).state).toBe('loading');
  // What keeps one of its accounts back is found meanwhile, and mended: the last catch-up takes it along.
  const isFound = async (): Promise<boolean> =>
    (await driver.ledger.exceptions.openOf(driver.run, 'east', ['twoMatches'])).some(({ account }) => account === 'LINOD');
  await eventually('the two accounts of LINOD in the CRM are found', isFound);
  await mergeAccounts(business, 'LINOD');
  await clearFaults(erp);

  const reached = (): boolean => {
    try {
      return readFileSync(marker, 'utf8').includes('beforeFreeze');
    } catch {
      return false;
    }
  };
  await eventually('a worker comes to the freeze of east', reached);
  const accounts = (await driver.ledger.exceptions.openOf(driver.run, 'east')).map(({ account }) => account);
  expect(new Set(accounts)).toEqual(new Set(['CACTU']));
  expect(await driver.ledger.waves.get(driver.run, 'east')).toMatchObject({ state: 'shadow', generation: 0 });
  expect([...(await salesOf()).keys()]).toContain('20011');
  expect(await eastIn(driver)).toMatchObject({ frozenMs: null });

  // All is loaded and legacy is still open: one order changes, one comes up for a product that comes up with it, one goes, a customer comes up.
  await inLegacy(business, 'app', `update orders set freight = 77.25 where order_id = 20011`);
  await inLegacy(
    business,
    'app',
    `insert into products select (jsonb_populate_record(p, '{"product_id": 901, "product_name": "Came Up"}')).* from products p where product_id = 1`,
  );
  await newOrder(business, 20_012, 'BONAP', 901);
  const [gone] = await inLegacy(
    business,
    'admin',
    `select min(order_id)::int as id from orders where customer_id = 'LINOD' and shipped_date is null`,
  );
  const vanished = String(gone?.['id']);
  await inLegacy(business, 'app', `delete from order_details where order_id = ${vanished}`);
  await inLegacy(business, 'app', `delete from orders where order_id = ${vanished}`);
  // What is mended behind the freeze is frozen, too, before anybody is asked.
  await addFault(erp, { match: {}, action: 'slow', delayMs: 600 });
  sleeper.signal('SIGCONT');
  await driver.untilWave('east', 'frozen');
  await inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'CACTU'`);
  await mergeAccounts(business, 'CACTU');
  await clearFaults(erp);

  expect(await driver.atGate('switch-east')).toMatchObject({ attempt: 1, shut: [] });
  await expect(inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'CACTU'`)).rejects.toThrow(
    /moving to the new ERP/,
  );
  await expect(inLegacy(business, 'app', `update customers set phone = '0' where customer_id = 'SIMOB'`)).rejects.toThrow(
    /moving to the new ERP/,
  );
  expect(await writtenInFreeze(driver, 1)).toEqual(
    ['customer CACTU', 'order 11054', 'order 20011', 'order 20012', `order ${vanished}`].sort(),
  );
  const sales = await salesOf();
  expect(JSON.stringify(sales.get('20011'))).toContain('77.25');
  expect(sales.has('20012')).toBe(true);
  expect(sales.has(vanished)).toBe(false);
  const times = await eastIn(driver);
  expect(times?.loadedBeforeMs).toBeGreaterThan(0);
  expect(times?.frozenMs).toBeGreaterThan(0);
});
