import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { PointName } from '../../contracts/points.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Driver } from '../support/arena/driver.ts';
import { crmTable, isErpPointer, erpCreates, erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { smallWaves } from '../support/small-plan.ts';

const arena = useArena();

/** Every order of the pilot once in the target, by the target's own records. */
async function expectPilotOnce({ business }: Driver): Promise<void> {
  const references = (await erpTable(business, 'sale.sale')).map(({ reference }) => reference).sort();
  expect(references).toEqual(['11008', '11072', '11077']);
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
  const name = `kill${point.toLowerCase()}`;
  const marker = join(arena.stack().folder, `${name}.reached`);
  const driver = await arena.open(name, { worker: { CUTOVER_TEST_POINT: `${point}:kill:${marker}` } });
  const { business } = driver;
  const before = await erpTables(business);
  const successor = driver.worker.ended.then(() => driver.startWorker());
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('switch-pilot');
  const isSwitching = point === 'afterSeal' || point === 'duringSwitch';
  await driver.atGate('switch-east');
  await successor;
  expect(readFileSync(marker, 'utf8')).toContain(point);
  await expectPilotOnce(driver);
  expect((await erpTable(business, 'sale.sale')).map(({ state }) => state)).toEqual(['processing', 'processing', 'processing']);
  expect((await crmTable(business, 'Account')).filter(({ BookOfRecord__c: pointer }) => isErpPointer(pointer))).toHaveLength(3);
  expect(isSwitching || existsSync(marker)).toBe(true);

  expect((await driver.rollback('run')).state).toBe('accepted');
  expect(await driver.handle.result()).toMatch(/^rolled back/);
  // What was confirmed remains, marked; everything else of ours is gone.
  const left = differences(before, await erpTables(business));
  expect(left.every((line) => line.startsWith('sale.sale') || line.startsWith('party.party'))).toBe(true);
  await expectRemainder(driver);
});

async function expectRemainder({ business }: Driver): Promise<void> {
  const sales = await erpTable(business, 'sale.sale');
  expect(sales.map(({ comment }) => comment)).toEqual(Array.from({ length: 3 }, () => 'returned to legacy, do not ship'));
  const parties = (await erpTable(business, 'party.party')).map(({ code }) => code);
  expect(parties).not.toContain('ALFKI');
  await inLegacy(business, 'app', `update customers set fax = fax where customer_id = 'ERNSH'`);
}

const backPoints: readonly PointName[] = ['afterRaise', 'duringUndo', 'beforeThaw'];

test.each(backPoints)('finishes a rollback whose worker is killed at %s, to exactly the records before', async (point) => {
  const name = `kill${point.toLowerCase()}`;
  const marker = join(arena.stack().folder, `${name}.reached`);
  const driver = await arena.open(name, { worker: { CUTOVER_TEST_POINT: `${point}:kill:${marker}` } });
  const { business } = driver;
  const before = await erpTables(business);
  const successor = driver.worker.ended.then(() => driver.startWorker());
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  await expectPilotOnce(driver);
  await driver.rollback('run');
  expect(await driver.handle.result()).toMatch(/^rolled back; legacy is the book again/);
  await successor;
  expect(readFileSync(marker, 'utf8')).toContain(point);
  expect(differences(before, await erpTables(business))).toEqual([]);
  const creates = await erpCreates(business);
  expect(creates['sale.sale']).toBeGreaterThanOrEqual(3);
});
