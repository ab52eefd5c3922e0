import { afterEach, expect, test } from 'vitest';
import { erpTable } from '../support/arena/people.ts';
import { endBack, nextRun, startBench, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.stop());

test('a wave is taken back in a later run by an order of the same name as in the run before, such as the no-go of its first attempt', async () => {
  bench = await startBench();
  await bench.bringIn('pilot');
  await endBack(bench, ['pilot']);
  const later = await nextRun(bench, 2);
  const pilot = await later.bringIn('pilot');
  const sales = async (): Promise<number> => (await erpTable(bench.business, 'sale.sale')).length;
  expect(await sales()).toBe(3);
  await later.takeBack(pilot);
  expect([await sales(), (await later.act.finishUndo(pilot)).state]).toEqual([0, 'rolledBack']);
});
