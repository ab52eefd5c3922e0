import { afterAll, beforeAll, expect, test } from 'vitest';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { exportedParts } from '../support/arena/archive.ts';
import { erpTable } from '../support/arena/people.ts';
import { endBack, nextRun, startBench, type Bench } from './bench.ts';
import { takeOrder } from './orders.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

test('an order of a customer whom an earlier run had to leave in the target, and this one uses again, is exported with its wave', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  await bench.bringIn('pilot');
  await takeOrder(person, 'ERNSH', 'PHONE-EARLY');
  await endBack(bench, ['pilot']);
  const [left] = (await erpTable(bench.business, 'party.party')).filter(({ code }) => code === 'ERNSH');
  expect(left).toMatchObject({ active: false });
  const later = await nextRun(bench, 2);
  const pilot = await later.bringIn('pilot');
  await later.switchOver(pilot);
  const second = await takeOrder(person, 'ERNSH', 'PHONE-LATER');
  await later.takeBack(pilot);
  const exported = (await exportedParts(bench.business)).flat().map(({ key }) => Number(key));
  expect(exported).toEqual([second]);
});

test('a customer who was taken out of use again by the run that had brought it back is brought back by the run after that', async () => {
  const own = await startBench();
  try {
    const isInUse = async (): Promise<unknown> =>
      (await erpTable(own.business, 'party.party')).find(({ code }) => code === 'ERNSH')?.['active'];
    await own.bringIn('pilot');
    await takeOrder(await ErpPerson.enter(own.business.erp), 'ERNSH', 'PHONE-EARLY');
    await endBack(own, ['pilot']);
    expect(await isInUse()).toBe(false);
    const second = await nextRun(own, 2);
    await second.bringIn('pilot');
    expect(await isInUse()).toBe(true);
    await endBack(second, ['pilot']);
    expect(await isInUse()).toBe(false);
    await (await nextRun(second, 3)).bringIn('pilot');
    expect(await isInUse()).toBe(true);
  } finally {
    await own.stop();
  }
});
