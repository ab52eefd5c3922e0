import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { PointName } from '../../contracts/points.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Tables } from '../../scripts/dev/tables.ts';
import type { Driver } from '../support/arena/driver.ts';
import { references } from '../support/arena/expectations.ts';
import { erpCreatesBy, erpTable, inLegacy } from '../support/arena/people.ts';
import type { useArena } from '../support/arena/scenario.ts';
import { pilotOrders, smallWaves } from '../support/small-plan.ts';

/** A run of which one worker does not live to see the end. */
export interface MortalRun {
  readonly driver: Driver;
  readonly before: Tables;
  /** Fails where the worker never came to the point: then nothing was tested. */
  readonly expectSucceeded: () => Promise<void>;
}

/** Opens a business whose worker dies at a named point, puts a successor in its place, and passes the baseline. */
export async function openMortal(arena: ReturnType<typeof useArena>, point: PointName): Promise<MortalRun> {
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
export async function expectOnce({ business }: Driver, orders: readonly string[]): Promise<void> {
  expect(references(await erpTable(business, 'sale.sale'))).toEqual([...orders].sort());
  const codes = (await erpTable(business, 'party.party'))
    .map(({ code }) => code)
    .filter((code) => smallWaves.pilot.some((account) => account === code));
  expect([...codes].sort()).toEqual([...smallWaves.pilot].sort());
}

/**
 * Loads the pilot up to its switch gate and takes the run back, with a death on one of both ways: at the gate every order and customer is there once,
 * and at the end the very records there were. What the target counted is one canary and the pilot's orders, so nothing was made twice and removed.
 */
export async function expectLoadedAndUndone(
  { driver, before, expectSucceeded }: MortalRun,
  deathOn: 'wayForward' | 'wayBack',
): Promise<void> {
  const { business } = driver;
  await driver.atGate('switch-pilot');
  if (deathOn === 'wayForward') await expectSucceeded();
  await expectOnce(driver, pilotOrders);
  expect(await driver.takeBackRun()).toMatch(/^rolled back; legacy is the book again/);
  await expectSucceeded();
  expect(differences(before, await erpTables(business))).toEqual([]);
  expect((await erpCreatesBy(business, 'cutover'))['sale.sale']).toBe(1 + pilotOrders.length);
  await inLegacy(business, 'app', `update customers set fax = fax where customer_id = 'ERNSH'`);
}
