import { expect, test } from 'vitest';
import type { PointName } from '../../contracts/points.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Driver } from '../support/arena/driver.ts';
import { expectReturned, references } from '../support/arena/expectations.ts';
import { crmTable, erpCreatesBy, isErpPointer, erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';
import { expectOnce, openMortal, type MortalRun } from './mortal.ts';

const arena = useArena({ goesOn: true });

const eastOrders = ['11039', '11074', '11075'];

const loading: readonly PointName[] = ['afterReceipt', 'afterLane', 'afterFreeze'];
const switching: readonly PointName[] = ['afterSeal', 'duringSwitch'];
let run: MortalRun;

test(`loses and doubles nothing when workers are killed at ${loading.join(', ')}, and the last successor goes on to the switch gate`, async () => {
  run = await openMortal(arena, 'killswitch', [...loading, ...switching]);
  await run.driver.atGate('switch-pilot');
  run.expectDied(loading);
  await expectOnce(run.driver, pilotOrders);
  // One canary is beside them: nothing was made twice and removed again.
  expect((await erpCreatesBy(run.driver.business, 'cutover'))['sale.sale']).toBe(1 + pilotOrders.length);
});

test(`loses and doubles nothing when workers are killed at ${switching.join(' and ')}, and the last successor goes on and back`, async () => {
  const { driver, before, expectDied } = run;
  const { business } = driver;
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  expectDied(switching);
  await expectOnce(driver, [...pilotOrders, ...eastOrders]);
  const activated = (await erpTable(business, 'sale.sale')).filter(({ state }) => state === 'processing').map(({ reference }) => reference);
  expect([...activated].sort()).toEqual(pilotOrders);
  expect((await crmTable(business, 'Account')).filter(({ BookOfRecord__c: pointer }) => isErpPointer(pointer))).toHaveLength(3);

  expect(await driver.takeBackRun()).toMatch(/^rolled back/);
  // What was confirmed remains, marked, with the customers and products it needs; everything else of ours is gone.
  const left = differences(before, await erpTables(business)).map((line) => line.split(':')[0]);
  expect(left.every((table) => ['sale.sale', 'party.party', 'party.address', 'product.product'].some((allowed) => allowed === table))).toBe(
    true,
  );
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
