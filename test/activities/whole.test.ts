import { afterEach, expect, test } from '@jest/globals';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { erpTable } from '../support/arena/people.ts';
import { startBench, type Bench } from './bench.ts';
import { books, refuse, worksOn } from './outside.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** A wave as far as its gate: frozen, read, loaded, verified. */
async function toTheGate(): Promise<WaveRef> {
  const pilot = bench.wave('pilot');
  await bench.act.openWave(pilot);
  await bench.act.enterShadow(pilot);
  await bench.act.freezeWave(pilot);
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  await bench.act.verifyWave(pilot);
  await bench.act.compareBooks(pilot);
  return pilot;
}
const atTheGate = (ref: WaveRef) => bench.act.openGate({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' });
async function switchLanes(ref: WaveRef): Promise<void> {
  for (const lane of await bench.act.planSwitch(ref)) expect(await bench.act.switchLane(ref, lane)).toMatchObject({ end: 'done' });
}
const notices = async (ref: WaveRef) => (await bench.ledger.gates.latest(ref.run, gateNames.switch(ref.wave)))?.notices ?? [];
const staying = 'stay in legacy and go on working there: ERNSH';

test('an account whose customer the target refuses stays in legacy whole: open there, named at the gate, its book unchanged; the others switch', async () => {
  bench = await startBench();
  await refuse(bench, '"code":"ERNSH"');
  const pilot = await toTheGate();
  expect([await worksOn(bench, 'ERNSH'), await worksOn(bench, 'ALFKI')]).toEqual(['works', 'is refused']);
  await atTheGate(pilot);
  expect((await notices(pilot)).join(' ')).toContain(staying);
  expect(await bench.act.sealWave(pilot)).toBe('sealed');
  await switchLanes(pilot);
  expect(await bench.act.finishSwitch(pilot)).toEqual({ end: 'switched', accounts: 2, open: 0 });
  expect(await books(bench)).toEqual({ ALFKI: 'target', ERNSH: 'legacy', RATTC: 'target' });
  expect([await worksOn(bench, 'ERNSH'), await worksOn(bench, 'ALFKI')]).toEqual(['works', 'is refused']);
});

test('one refused order keeps its whole account in legacy, and none of its other documents is activated', async () => {
  bench = await startBench();
  await refuse(bench, '"reference":"11072"');
  const pilot = await toTheGate();
  expect(await worksOn(bench, 'ERNSH')).toBe('works');
  await atTheGate(pilot);
  expect((await notices(pilot)).join(' ')).toContain(staying);
  expect(await bench.act.sealWave(pilot)).toBe('sealed');
  await switchLanes(pilot);
  await bench.act.finishSwitch(pilot);
  const sales = (await erpTable(bench.business, 'sale.sale')).map(({ reference, state }) => [reference, state]);
  expect(sales).not.toContainEqual(['11008', 'processing']);
  expect(await books(bench)).toMatchObject({ ERNSH: 'legacy', RATTC: 'target' });
});

test('where the plan lets a document stay alone, its account switches without it', async () => {
  const alone = (plan: Record<string, unknown>): void => {
    for (const object of plan['objects'] as Record<string, unknown>[])
      if (object['activate'] === true) object['whenMissing'] = 'documentStays';
  };
  bench = await startBench({ plan: alone });
  await refuse(bench, '"reference":"11072"');
  const pilot = await toTheGate();
  expect(await worksOn(bench, 'ERNSH')).toBe('is refused');
  await atTheGate(pilot);
  expect(await bench.act.sealWave(pilot)).toBe('sealed');
  await switchLanes(pilot);
  await bench.act.finishSwitch(pilot);
  expect(await books(bench)).toEqual({ ALFKI: 'target', ERNSH: 'target', RATTC: 'target' });
});

test('a switch whose activations are refused cannot finish: its books stay closed and the refusals count, until they are done', async () => {
  bench = await startBench();
  const pilot = await toTheGate();
  await atTheGate(pilot);
  expect(await bench.act.sealWave(pilot)).toBe('sealed');
  await refuse(bench, 'sale.sale.confirm');
  await switchLanes(pilot);
  expect(await bench.act.finishSwitch(pilot)).toEqual({ end: 'open', accounts: 0, open: 3 });
  expect(await books(bench)).toEqual({ ALFKI: 'closed', ERNSH: 'closed', RATTC: 'closed' });
  expect((await bench.ledger.waves.get(pilot.run, 'pilot')).state).toBe('switching');
  expect((await bench.ledger.measurements.writeOutcomes(pilot.run, 'pilot', 1)).failed).toHaveLength(3);
  await refuse(bench, null);
  await switchLanes(pilot);
  expect(await bench.act.finishSwitch(pilot)).toEqual({ end: 'switched', accounts: 3, open: 0 });
  expect((await bench.ledger.exceptions.openOf(pilot.run, 'pilot')).map(({ kind }) => kind)).toEqual([]);
  expect((await bench.ledger.measurements.writeOutcomes(pilot.run, 'pilot', 1)).failed).toHaveLength(3);
});
