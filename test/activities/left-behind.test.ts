import { afterEach, expect, test } from 'vitest';
import { contextOf } from '../../activities/deps.ts';
import { Sight } from '../../activities/verify/sight.ts';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { unexplainedTexts } from '../../domain/waves/completeness.ts';
import { newOrder } from '../support/arena/customers.ts';
import { erpTable } from '../support/arena/people.ts';
import { startBench, type Bench } from './bench.ts';
import { books, refuse } from './outside.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** Orders of the wave's accounts: what the equation leaves open, and how many it counts as exceptions. */
async function ordersOf(ref: WaveRef): Promise<{ open: readonly string[]; exceptions: number }> {
  const order = (await new Sight(await contextOf(bench.deps, ref), { ...ref, whole: false }).equations()).find(
    ({ object }) => object === 'order',
  );
  if (order === undefined) throw new Error('the equation has no orders');
  return { open: unexplainedTexts(order), exceptions: order.lines.find(({ label }) => label === 'exceptions')?.count ?? 0 };
}
const sales = async () => (await erpTable(bench.business, 'sale.sale')).map(({ reference }) => reference);

test('an order that an account opens in legacy after it stayed behind keeps no other account from its switch, is an exception of its own, and goes with it in the next attempt', async () => {
  bench = await startBench();
  await refuse(bench, '"code":"ERNSH"');
  const pilot = await bench.bringIn('pilot');
  await bench.act.freezeWave(pilot);
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  await bench.act.verifyWave(pilot);
  await bench.act.openGate({ ...pilot, gate: gateNames.switch('pilot'), kind: 'switch' });
  const { exceptions } = await ordersOf(pilot);
  await newOrder(bench.business, 20_001, 'ERNSH');
  expect(await bench.act.sealWave(pilot)).toBe('sealed');
  for (const lane of await bench.act.planSwitch(pilot)) expect(await bench.act.switchLane(pilot, lane)).toMatchObject({ end: 'done' });
  // Planned again, as by a wave that continues as new or tries again, the switch finds nothing to do.
  expect(await bench.act.planSwitch(pilot)).toEqual([]);
  expect(await bench.act.finishSwitch(pilot)).toEqual({ end: 'switched', accounts: 2, open: 0 });
  expect(await books(bench)).toEqual({ ALFKI: 'target', ERNSH: 'legacy', RATTC: 'target' });
  expect(await ordersOf(pilot)).toEqual({ open: [], exceptions: exceptions + 1 });
  await refuse(bench, null);
  await bench.takeBack(pilot);
  await bench.act.finishUndo(pilot);
  const second = bench.wave('pilot', 2);
  await bench.act.beginAttempt(second);
  await bench.bringIn('pilot', 2);
  await bench.switchOver(second);
  expect(await books(bench)).toEqual({ ALFKI: 'target', ERNSH: 'target', RATTC: 'target' });
  expect(await sales()).toContain('20001');
});
