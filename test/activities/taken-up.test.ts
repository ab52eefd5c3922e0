import { afterEach, expect, test } from 'vitest';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { addFault, faultHits } from '../../scripts/dev/faults.ts';
import { crmTable, erpTable, isErpPointer, returnedComment, setUp } from '../support/arena/people.ts';
import { dying, startBench, verifyFrozen, type Bench } from './bench.ts';
import { books, refuse, worksOn } from './outside.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** A wave as the plan has it for waves after the pilot: opened, frozen, read, loaded, verified. */
async function toTheGate(name: string, attempt = 1): Promise<WaveRef> {
  const wave = bench.wave(name, attempt);
  expect(await bench.act.openWave(wave)).toBe('begun');
  await verifyFrozen(bench, wave);
  return wave;
}
/** Its gate, with what keeps it shut and what people are told there; then its switch. */
async function throughTheGate(wave: WaveRef): Promise<{ shut: readonly string[]; notices: string; switched: number }> {
  const gate = gateNames.switch(wave.wave);
  const { shut } = await bench.act.openGate({ ...wave, gate, kind: 'switch' });
  expect(await bench.act.sealWave(wave)).toBe('sealed');
  for (const lane of await bench.act.planSwitch(wave)) expect(await bench.act.switchLane(wave, lane)).toMatchObject({ end: 'done' });
  const { end, accounts } = await bench.act.finishSwitch(wave);
  expect(end).toBe('switched');
  return { shut, notices: ((await bench.ledger.gates.latest(wave.run, gate))?.notices ?? []).join(' '), switched: accounts };
}
/** The sales of the account that stays, by the target's own table. */
const sales = async () =>
  (await erpTable(bench.business, 'sale.sale'))
    .filter(({ reference }) => ['11008', '11072'].includes(String(reference)))
    .map(({ reference, state, comment }) => `${String(reference)} ${String(state)}${comment === returnedComment ? ' returned' : ''}`)
    .sort();
const parties = async (code: string) => (await erpTable(bench.business, 'party.party')).filter((party) => party['code'] === code).length;
const isPointedAt = async (account: string) =>
  isErpPointer((await crmTable(bench.business, 'Account')).find(({ AccountNumber }) => AccountNumber === account)?.['BookOfRecord__c']);

test('an account that stayed in legacy for a refused order goes with the next wave once the cause is mended, whenever a worker dies meanwhile, back with it and forward again, and its first wave has no part in it any more', async () => {
  bench = await startBench({ timings: { callTimeout: '3s' } });
  await refuse(bench, '"reference":"11072"');
  const pilot = await toTheGate('pilot');
  const first = await throughTheGate(pilot);
  expect(first.switched).toBe(2);
  expect(first.notices).toContain('the next wave that opens takes them up');
  expect(await sales()).toEqual(['11008 quotation']);
  await refuse(bench, null);

  const outcomes = await bench.ledger.measurements.writeOutcomes(pilot.run, pilot);
  const east = bench.wave('east');
  for (const where of ['afterIntent', 'afterCall', 'afterReceipt']) {
    const point = (name: string): void => {
      if (name === where) throw new Error('killed');
    };
    await expect(dying(bench, { point }).openWave(east)).rejects.toThrow('killed');
  }
  expect(await bench.act.openWave(east)).toBe('begun');
  // What the pilot had written of it is gone; the others of the pilot keep what they have, and its figures stay what they were.
  expect([await sales(), await parties('ERNSH'), await parties('ALFKI'), await worksOn(bench, 'ERNSH')]).toEqual([[], 0, 1, 'works']);
  expect(await bench.ledger.measurements.writeOutcomes(pilot.run, pilot)).toEqual(outcomes);
  await toTheGate('east');
  expect([await sales(), await worksOn(bench, 'ERNSH')]).toEqual([['11008 quotation', '11072 quotation'], 'is refused']);
  const second = await throughTheGate(east);
  expect(second).toMatchObject({ shut: [], switched: 4 });
  expect(second.notices).toContain('stayed in legacy with an earlier wave and go with this one: ERNSH (pilot)');
  const all = { ALFKI: 'target', ERNSH: 'target', LINOD: 'target', RATTC: 'target', RICSU: 'target', SIMOB: 'target' };
  expect(await books(bench)).toEqual(all);
  expect([await sales(), await parties('ERNSH'), await isPointedAt('ERNSH')]).toEqual([['11008 processing', '11072 processing'], 1, true]);
  expect(await bench.ledger.exceptions.openOf(pilot.run)).toEqual([]);

  await bench.takeBack(east);
  await bench.act.finishUndo(east);
  const back = { ...all, ERNSH: 'legacy', LINOD: 'legacy', RICSU: 'legacy', SIMOB: 'legacy' };
  expect(await books(bench)).toEqual(back);
  expect([await sales(), await isPointedAt('ERNSH')]).toEqual([['11008 processing returned', '11072 processing returned'], false]);
  expect([await worksOn(bench, 'ERNSH'), await worksOn(bench, 'ALFKI')]).toEqual(['works', 'is refused']);

  await bench.act.beginAttempt(bench.wave('east', 2));
  expect(await throughTheGate(await toTheGate('east', 2))).toMatchObject({ shut: [], switched: 4 });
  await bench.takeBack(pilot);
  await bench.act.finishUndo(pilot);
  expect(await books(bench)).toEqual({ ...all, ALFKI: 'legacy', RATTC: 'legacy' });
  expect([await sales(), await parties('ERNSH'), await isPointedAt('ERNSH')]).toEqual([['11008 processing', '11072 processing'], 1, true]);
  expect([await worksOn(bench, 'ERNSH'), await worksOn(bench, 'ALFKI')]).toEqual(['is refused', 'works']);
});

test('an account whose cause still stands stays again, open and named, and may go with the wave after; one with a write of unknown outcome stays where it is, and nothing more of it is sent', async () => {
  bench = await startBench({ timings: { callTimeout: '3s' } });
  await refuse(bench, '"reference":"11072"');
  const { erp } = bench.business.faults;
  // The answer to the customers is lost, and a person keys one of them meanwhile: nobody can tell whose record it is.
  await addFault(erp, { match: { bodyIncludes: '"code":"RATTC"' }, action: 'reset', times: 1, delayMs: 500 });
  const before = await faultHits(erp);
  const keyed = (async () => {
    while ((await faultHits(erp)) === before) await new Promise((resolve) => setTimeout(resolve, 20));
    await setUp(bench.business.erp, { parties: [{ code: 'RATTC', name: 'Keyed by hand' }] });
  })();
  const pilot = await toTheGate('pilot');
  await keyed;
  const open = async () => (await bench.ledger.exceptions.openOf(pilot.run)).map(({ kind, sourceId }) => `${kind} ${sourceId}`);
  expect(await open()).toContain('ambiguousOutcome RATTC');
  expect((await throughTheGate(pilot)).switched).toBe(1);

  const east = await toTheGate('east');
  expect(await worksOn(bench, 'ERNSH')).toBe('works');
  const { notices, switched } = await throughTheGate(east);
  expect(switched).toBe(3);
  expect(notices).toContain('1 accounts of this wave stay in legacy and go on working there: ERNSH (order 11072 ');
  expect(await books(bench)).toMatchObject({ ALFKI: 'target', ERNSH: 'legacy', RATTC: 'legacy', SIMOB: 'target' });
  expect(await sales()).toEqual(['11008 quotation']);

  await refuse(bench, null);
  await toTheGate('west');
  expect([await sales(), await worksOn(bench, 'ERNSH')]).toEqual([['11008 quotation', '11072 quotation'], 'is refused']);
  expect(await open()).toContain('ambiguousOutcome RATTC');
  expect(await worksOn(bench, 'RATTC')).toBe('works');
  const keptByHand = (await erpTable(bench.business, 'party.party')).filter(({ code }) => code === 'RATTC');
  expect(keptByHand.map(({ name }) => name)).toEqual(['Keyed by hand']);
  expect((await erpTable(bench.business, 'sale.sale')).map(({ reference }) => reference)).not.toContain('11077');
});

test('a wave that is taken back after a worker died while an account of it was to go with the next one comes to its end', async () => {
  bench = await startBench({ timings: { callTimeout: '3s' } });
  await refuse(bench, '"reference":"11072"');
  const pilot = await toTheGate('pilot');
  await throughTheGate(pilot);
  const point = (name: string): void => {
    if (name === 'afterIntent') throw new Error('killed');
  };
  // Nobody wrote down that its session had ended.
  const lanes = new Proxy(bench.ledger.lanes, {
    get: (own, name) =>
      name === 'endSession'
        ? () => Promise.reject(new Error('the database went away'))
        : (Reflect.get(own, name) as (...args: readonly unknown[]) => unknown).bind(own),
  });
  await expect(dying(bench, { point, ledger: { ...bench.ledger, lanes } }).openWave(bench.wave('east'))).rejects.toThrow('went away');
  await bench.takeBack(pilot);
  await bench.act.finishUndo(pilot);
  expect([await sales(), await parties('ERNSH'), await worksOn(bench, 'ALFKI')]).toEqual([[], 0, 'works']);
  expect(await books(bench)).toEqual({ ALFKI: 'legacy', ERNSH: 'legacy', RATTC: 'legacy' });
}, 60_000);

test('an order that the next wave makes again for an account it took up, and whose answer is on the way, is not found as one of the wave that it left', async () => {
  bench = await startBench({ timings: { callTimeout: '3s' } });
  await refuse(bench, '"reference":"11072"');
  const pilot = await toTheGate('pilot');
  await throughTheGate(pilot);
  await refuse(bench, null);
  const east = bench.wave('east');
  expect(await bench.act.openWave(east)).toBe('begun');
  const point = (name: string): void => {
    if (name === 'afterCall') throw new Error('killed');
  };
  for (const lane of await bench.act.planLoad(east, 'customer')) await bench.act.loadLane(east, lane);
  await bench.ledger.runs.beatGuard(east.run);
  const orders = await bench.act.planLoad(east, 'order');
  for (const lane of orders) await expect(dying(bench, { point }).loadLane(east, lane)).rejects.toThrow('killed');
  const made = ['11008 quotation', '11072 quotation'];
  expect(await sales()).toEqual(made);
  await bench.act.raiseWave(pilot, 'back', 'the bench takes it back');
  await bench.act.endSessions(pilot);
  for (const lane of await bench.act.planUndo(pilot)) await bench.act.undoLane(pilot, lane);
  expect(await bench.act.searchLeftovers(pilot)).toBe(0);
  await bench.load(east);
  expect(await sales()).toEqual(made);
});
