import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { PointName } from '../../contracts/points.ts';
import { erpTables } from '../../scripts/dev/oracle.ts';
import type { Tables } from '../../scripts/dev/tables.ts';
import type { Driver } from '../support/arena/driver.ts';
import { references } from '../support/arena/expectations.ts';
import { erpTable } from '../support/arena/people.ts';
import type { useArena } from '../support/arena/scenario.ts';
import { smallWaves } from '../support/small-plan.ts';

/** A run whose workers die one after another. */
export interface MortalRun {
  readonly driver: Driver;
  readonly before: Tables;
  /** Fails where no worker came to one of these points: then nothing was tested. Fails too where a death or its successor doubled a record. */
  readonly expectDied: (points: readonly PointName[]) => void;
}

/**
 * Opens a business whose worker dies at the first of these points, its successor at the second, and so on; the last successor lives. Passes the
 * baseline.
 */
export async function openMortal(arena: ReturnType<typeof useArena>, name: string, points: readonly PointName[]): Promise<MortalRun> {
  const marker = (point: PointName): string => join(arena.stack().folder, `${name}-${point}.reached`);
  const dyingAt = (point: PointName | undefined): Readonly<Record<string, string>> =>
    point === undefined ? {} : { CUTOVER_TEST_POINT: `${point}:kill:${marker(point)}` };
  const driver = await arena.open(name, { worker: dyingAt(points[0]) });
  const before = await erpTables(driver.business);
  const doubled: string[] = [];
  const succession = async (): Promise<void> => {
    for (const [index, point] of points.entries()) {
      await driver.succeedWorker(dyingAt(points[index + 1]));
      doubled.push(...(await doubledIn(driver)).map((what) => `after ${point}: ${what}`));
    }
  };
  succession().catch((error: unknown) => doubled.push(String(error)));
  await driver.start();
  await driver.pass('baseline');
  return {
    driver,
    before,
    expectDied: (some) => {
      for (const point of some) expect(readFileSync(marker(point), 'utf8')).toContain(point);
      expect(doubled).toEqual([]);
    },
  };
}

/** Products, customers and orders that stand in the target more than once, by its own records. */
async function doubledIn({ business }: Driver): Promise<readonly string[]> {
  const keys = { 'product.product': 'code', 'party.party': 'code', 'sale.sale': 'reference' };
  const found = Object.entries(keys).map(async ([table, key]) => {
    const all = (await erpTable(business, table)).map((row) => `${table} ${String(row[key])}`);
    return all.filter((one, index) => all.indexOf(one) !== index);
  });
  return (await Promise.all(found)).flat();
}

/** Each of these orders, and each of the pilot's customers, once in the target, by the target's own records. */
export async function expectOnce({ business }: Driver, orders: readonly string[]): Promise<void> {
  expect(references(await erpTable(business, 'sale.sale'))).toEqual([...orders].sort());
  const codes = (await erpTable(business, 'party.party'))
    .map(({ code }) => code)
    .filter((code) => smallWaves.pilot.some((account) => account === code));
  expect([...codes].sort()).toEqual([...smallWaves.pilot].sort());
}
