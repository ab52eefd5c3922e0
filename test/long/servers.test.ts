import { expect, test } from 'vitest';
import { addFault, clearFaults, faultHits } from '../../scripts/dev/faults.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Tables } from '../../scripts/dev/tables.ts';
import type { Driver } from '../support/arena/driver.ts';
import { references } from '../support/arena/expectations.ts';
import { erpCreates, erpCreatesBy, erpTable } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders, smallWaves, unhurried } from '../support/small-plan.ts';

const arena = useArena({ ownStack: true });

/** What the pilot's load must come to in the target, and its way back: no order lost, none doubled, and then the very records before. */
async function expectLoadedThenUndone(driver: Driver, before: Tables): Promise<void> {
  const { business } = driver;
  await driver.atGate('switch-pilot');
  expect(references(await erpTable(business, 'sale.sale'))).toEqual(pilotOrders);
  expect((await erpTable(business, 'party.party')).map(({ code }) => code).sort()).toEqual(['COMPANY', ...smallWaves.pilot].sort());
  // One canary is beside them: what the target counted is what stands there, so nothing was made twice and removed again.
  expect((await erpCreatesBy(business, 'cutover'))['sale.sale']).toBe(pilotOrders.length + 1);
  expect(await driver.takeBackRun()).toMatch(/^rolled back; legacy is the book again/);
  expect(differences(before, await erpTables(business))).toEqual([]);
  expect((await erpCreatesBy(business, 'cutover'))['sale.sale']).toBe(pilotOrders.length + 1);
}

test('goes on and back when the Temporal server is killed and comes back with its data', async () => {
  const driver = await arena.open('temporal', { faults: true, waves: 2, timings: unhurried });
  const before = await erpTables(driver.business);
  await driver.start();
  await driver.pass('baseline');
  await driver.comesSlowlyTo('pilot', 'loading');
  await arena.stack().temporal.crash();
  await clearFaults(driver.business.faults.erp);
  await expectLoadedThenUndone(driver, before);
  // Forward again, and killed once more at the gate.
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  await arena.stack().temporal.crash();
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  const active = (await erpTable(driver.business, 'sale.sale')).filter(({ state }) => state === 'processing');
  expect(references(active)).toEqual(pilotOrders);
});

test('goes on and back when PostgreSQL, with legacy and ledger in it, is restarted', async () => {
  const driver = await arena.open('postgres', { faults: true, waves: 2, timings: unhurried });
  const before = await erpTables(driver.business);
  await driver.start();
  await driver.pass('baseline');
  await driver.comesSlowlyTo('pilot', 'loading');
  await arena.stack().postgres.restart();
  await clearFaults(driver.business.faults.erp);
  await expectLoadedThenUndone(driver, before);
});

test('settles answers that were lost after the target had applied the call: nothing lost, nothing doubled, forward and back', async () => {
  const driver = await arena.open('lost', { faults: true, waves: 2 });
  const { business } = driver;
  const before = await erpTables(business);
  for (const method of ['model.party.party.create', 'model.sale.sale.create', 'model.sale.sale.quote', 'model.sale.sale.confirm']) {
    await addFault(business.faults.erp, { match: { bodyIncludes: `"${method}"` }, action: 'loseResponse', times: 2 });
  }
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  expect(references(await erpTable(business, 'sale.sale'))).toEqual(pilotOrders);
  expect(await faultHits(business.faults.erp)).toBeGreaterThanOrEqual(4);
  await clearFaults(business.faults.erp);
  expect(await driver.takeBackRun()).toMatch(/^rolled back; legacy is the book again/);
  expect(differences(before, await erpTables(business))).toEqual([]);
  expect((await erpCreates(business))['sale.sale']).toBeGreaterThanOrEqual(3);
});
