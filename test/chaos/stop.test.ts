import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PointName } from '../../contracts/points.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import { references } from '../support/arena/expectations.ts';
import { erpTable } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';

const arena = useArena();

// afterIntent lies between the intent and the call, beforeSend between the deadline check and the socket write: the gap no clock closes.
const points = ['afterIntent', 'beforeSend'] as const satisfies readonly PointName[];

test(`lets workers that slept at ${points.join(' and ')} and woke again write nothing: the session of each is ended before its successor goes on, forward and back`, async () => {
  const marker = (point: PointName): string => join(arena.stack().folder, `stop-${point}.reached`);
  const sleepingAt = (point: PointName): Readonly<Record<string, string>> => ({ CUTOVER_TEST_POINT: `${point}:stop:${marker(point)}` });
  const [first, second] = points;
  const driver = await arena.open('stop', { worker: sleepingAt(first) });
  const { business } = driver;
  const sleepers = [driver.worker];
  const before = await erpTables(business);
  await driver.start();
  expect(await reached(marker(first))).toContain(first);
  sleepers.push(await driver.startWorker(sleepingAt(second)));
  expect(await reached(marker(second))).toContain(second);
  await driver.startWorker();
  // The server hands the sleepers a few tasks more before it notices; each has to time out.
  await driver.atGate('baseline');
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  for (const sleeper of sleepers) sleeper.signal('SIGCONT');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const products = (await erpTable(business, 'product.product')).map(({ code }) => code);
  expect(products).toHaveLength(new Set(products).size);
  expect(products).toHaveLength(78);
  expect(references(await erpTable(business, 'sale.sale'))).toEqual(pilotOrders);
  expect(await driver.takeBackRun()).toMatch(/^rolled back; legacy is the book again/);
  expect(differences(before, await erpTables(business))).toEqual([]);
});

async function reached(marker: string): Promise<string> {
  for (let look = 0; look < 2_400; look += 1) {
    try {
      return readFileSync(marker, 'utf8');
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('the worker never came to the point');
}
