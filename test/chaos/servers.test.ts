import { expect, test } from '@jest/globals';
import { addFault, clearFaults, faultHits } from '../../scripts/dev/faults.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import { erpCreates, erpTable } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('goes on when the Temporal server is killed and comes back with its data', async () => {
  const driver = await arena.open('temporal');
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  await arena.stack().temporal.crash();
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  expect(
    (await erpTable(driver.business, 'sale.sale'))
      .map(({ reference }) => reference)
      .sort()
      .slice(0, 3),
  ).toEqual(['11008', '11039', '11072']);
});

test('goes on when PostgreSQL, with legacy and ledger in it, is restarted', async () => {
  const driver = await arena.open('postgres');
  await driver.start();
  await driver.pass('baseline');
  await driver.until('the pilot loads', ({ wave }) => wave === 'pilot');
  await arena.stack().postgres.restart();
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  const sales = (await erpTable(driver.business, 'sale.sale')).map(({ reference }) => reference);
  expect(sales).toHaveLength(new Set(sales).size);
});

test('settles answers that were lost after the target had applied the call: nothing lost, nothing doubled, forward and back', async () => {
  const driver = await arena.open('lost');
  const { business } = driver;
  const before = await erpTables(business);
  for (const method of ['model.party.party.create', 'model.sale.sale.create', 'model.sale.sale.quote', 'model.sale.sale.confirm']) {
    await addFault(business.faults.erp, { match: { bodyIncludes: `"${method}"` }, action: 'loseResponse', times: 2 });
  }
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  expect((await erpTable(business, 'sale.sale')).map(({ reference }) => reference).sort()).toEqual(['11008', '11072', '11077']);
  expect(await faultHits(business.faults.erp)).toBeGreaterThanOrEqual(4);
  await clearFaults(business.faults.erp);
  await driver.rollback('run');
  expect(await driver.handle.result()).toMatch(/^rolled back; legacy is the book again/);
  expect(differences(before, await erpTables(business))).toEqual([]);
  expect((await erpCreates(business))['sale.sale']).toBeGreaterThanOrEqual(3);
});
