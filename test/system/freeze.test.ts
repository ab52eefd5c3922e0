import { expect, test } from 'vitest';
import { askDatabase } from '../../scripts/dev/sql.ts';
import type { Driver } from '../support/arena/driver.ts';
import { expectReturned } from '../support/arena/expectations.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;

/** What the target holds of order 11077 while legacy says this freight for it. */
async function expectFreightCarried(): Promise<void> {
  const order = (await erpTable(driver.business, 'sale.sale')).find(({ reference }) => reference === '11077');
  const [legacy] = await inLegacy(driver.business, 'admin', 'select freight::text as freight from orders where order_id = 11077');
  expect(JSON.stringify(order?.['lines'] ?? order)).toContain(String(legacy?.['freight']).replace(/0+$/, ''));
}

test('finds a change that got past the freeze, loads it, and asks again before it switches', async () => {
  driver = await arena.open('freeze', { waves: 2 });
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  // The owner of the database switches the triggers off, changes a frozen order, and switches them on again.
  await inLegacy(business, 'admin', 'alter table orders disable trigger user');
  await inLegacy(business, 'admin', `update orders set freight = freight + 1 where order_id = 11077`);
  await inLegacy(business, 'admin', 'alter table orders enable trigger user');
  await driver.pass('switch-pilot').catch(() => undefined);
  const again = await driver.until(
    'a second attempt of the gate waits',
    ({ waiting }) => waiting?.gate === 'switch-pilot' && waiting.attempt >= 2 && waiting.shut.length === 0,
  );
  expect(again.waiting?.attempt).toBeGreaterThan(1);
  await expectFreightCarried();
  expect(new Set((await erpTable(business, 'sale.sale')).map(({ state }) => state))).toEqual(new Set(['quotation']));
});

test('cannot switch on a lapsed lease without freezing and reading again; once sealed, legacy stays sealed with the runner dead', async () => {
  const { business } = driver;
  // The end of every lease is moved to now in both books, which is what waiting for it comes to: each database's own clock judges it.
  const endLeases = async (): Promise<void> => {
    await inLegacy(business, 'admin', 'update cutover.freeze set lease_until = clock_timestamp()');
    await askDatabase(business.ledgerUrl, ['update wave set lease_until = clock_timestamp() where lease_until is not null']);
  };
  const freight = (change: string): Promise<unknown> =>
    inLegacy(business, 'app', `update orders set freight = ${change} where order_id = 11077`);
  const first = await driver.atGate('switch-pilot');
  await expect(freight('freight + 5')).rejects.toThrow(/is closed for changes/);
  // Nobody decides; the runner dies; the lease ends by itself and legacy takes orders again.
  driver.worker.signal('SIGKILL');
  await driver.worker.ended;
  await endLeases();
  await freight('freight + 5');
  await driver.startWorker();
  // Whether this go is counted or finds its attempt over already, it switches nothing.
  const late = await driver.decide(first, 'go', first.roles[0] ?? '');
  expect(['accepted', 'refused']).toContain(late.state);
  const again = await driver.until(
    'the gate is asked anew',
    ({ waiting }) => waiting?.gate === 'switch-pilot' && waiting.attempt > first.attempt,
  );
  expect(again.waiting).toMatchObject({ attempt: first.attempt + 1, shut: [], missing: first.roles });
  await expect(freight('0')).rejects.toThrow(/is closed for changes/);
  await driver.pass('switch-pilot');
  await driver.until('the pilot is switched', ({ wave }) => wave === 'east');
  driver.worker.signal('SIGKILL');
  await driver.worker.ended;
  await endLeases();
  await expect(freight('0')).rejects.toThrow(/has moved to the new system for good/);
  await expectFreightCarried();
  await driver.startWorker();

  await driver.atGate('switch-east');
  expect(await driver.takeBackRun()).toMatch(/^rolled back/);
  await expectReturned(business, pilotOrders);
  await freight('freight');
});
