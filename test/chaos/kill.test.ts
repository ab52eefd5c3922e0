import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { PointName } from '../../contracts/points.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Tables } from '../../scripts/dev/tables.ts';
import type { Driver } from '../support/arena/driver.ts';
import { expectReturned, references } from '../support/arena/expectations.ts';
import { crmTable, isErpPointer, erpCreatesBy, erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders, smallWaves } from '../support/small-plan.ts';

const arena = useArena();

const eastOrders = ['11039', '11074', '11075'];

/** Opens a business whose worker dies at a named point, and puts a successor in its place. */
async function openMortal(point: PointName): Promise<{
  readonly driver: Driver;
  readonly before: Tables;
  /** Fails where the worker never came to the point: then nothing was tested. */
  readonly expectSucceeded: () => Promise<void>;
}> {
  const name = `kill${point.toLowerCase()}`;
  const marker = join(arena.stack().folder, `${name}.reached`);
  const driver = await arena.open(name, { worker: { CUTOVER_TEST_POINT: `${point}:kill:${marker}` } });
  const succeeded = driver.succeedWorker();
  const before = await erpTables(driver.business);
  await driver.start();
  await driver.pass('baseline');
  return {
    driver,
    before,
    expectSucceeded: async () => {
      await succeeded;
      expect(readFileSync(marker, 'utf8')).toContain(point);
    },
  };
}

/** Each of these orders, and each of the pilot's customers, once in the target, by the target's own records. */
async function expectOnce({ business }: Driver, orders: readonly string[]): Promise<void> {
  expect(references(await erpTable(business, 'sale.sale'))).toEqual([...orders].sort());
  const codes = (await erpTable(business, 'party.party'))
    .map(({ code }) => code)
    .filter((code) => smallWaves.pilot.some((account) => account === code));
  expect([...codes].sort()).toEqual([...smallWaves.pilot].sort());
}

const forwardPoints: readonly PointName[] = [
  'beforeIntent',
  'afterIntent',
  'beforeSend',
  'afterCall',
  'afterReceipt',
  'afterLane',
  'afterFreeze',
  'afterSeal',
  'duringSwitch',
];

test.each(forwardPoints)('loses and doubles nothing when a worker is killed at %s, and its successor goes on and back', async (point) => {
  const { driver, before, expectSucceeded } = await openMortal(point);
  const { business } = driver;
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  await expectSucceeded();
  await expectOnce(driver, [...pilotOrders, ...eastOrders]);
  const activated = (await erpTable(business, 'sale.sale')).filter(({ state }) => state === 'processing').map(({ reference }) => reference);
  expect([...activated].sort()).toEqual(pilotOrders);
  expect((await crmTable(business, 'Account')).filter(({ BookOfRecord__c: pointer }) => isErpPointer(pointer))).toHaveLength(3);

  expect(await driver.takeBackRun()).toMatch(/^rolled back/);
  // What was confirmed remains, marked, with the customers and products it needs; everything else of ours is gone.
  const left = differences(before, await erpTables(business)).map((line) => line.split(':')[0]);
  expect(left.every((table) => ['sale.sale', 'party.party', 'product.product'].some((allowed) => allowed === table))).toBe(true);
  await expectRemainder(driver);
});

async function expectRemainder({ business }: Driver): Promise<void> {
  expect(references(await erpTable(business, 'sale.sale'))).toEqual(pilotOrders);
  await expectReturned(business, pilotOrders);
  const parties = (await erpTable(business, 'party.party')).map(({ code }) => code);
  expect(parties).not.toContain('ALFKI');
  const needed = (
    await inLegacy(
      business,
      'admin',
      `select distinct 'P' || product_id as code from order_details where order_id in (11008, 11072, 11077)`,
    )
  ).map(({ code }) => code);
  const products = (await erpTable(business, 'product.product')).map(({ code }) => code).filter((code) => code !== 'FREIGHT');
  expect([...products].sort()).toEqual([...needed].sort());
  await inLegacy(business, 'app', `update customers set fax = fax where customer_id = 'ERNSH'`);
}

const backPoints: readonly PointName[] = ['afterRaise', 'duringUndo', 'beforeThaw'];

test.each(backPoints)('finishes a rollback whose worker is killed at %s, to exactly the records before', async (point) => {
  const { driver, before, expectSucceeded } = await openMortal(point);
  const { business } = driver;
  await driver.atGate('switch-pilot');
  await expectOnce(driver, pilotOrders);
  expect(await driver.takeBackRun()).toMatch(/^rolled back; legacy is the book again/);
  await expectSucceeded();
  expect(differences(before, await erpTables(business))).toEqual([]);
  expect((await erpCreatesBy(business, 'cutover'))['sale.sale']).toBe(4);
});
