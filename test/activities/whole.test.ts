import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { CrmPerson, crmTable, erpTable } from '../support/arena/people.ts';
import { smallWaves, type SmallPlanChanges } from '../support/small-plan.ts';
import { anew, startBench, verifyFrozen, type Bench } from './bench.ts';
import { books, refuse, worksOn } from './outside.ts';

let bench: Bench;

/** A business for some tests. */
function useBench(changes: SmallPlanChanges = {}): void {
  beforeAll(async () => {
    bench = await startBench(changes);
  });
  afterEach(() => refuse(bench, null));
  afterAll(() => bench.stop());
}

/** A wave anew, as far as its gate: frozen, read, loaded, verified. */
async function toTheGate(name: string): Promise<WaveRef> {
  const wave = await anew(bench, name);
  await bench.act.openWave(wave);
  await verifyFrozen(bench, wave);
  return wave;
}
const atTheGate = (ref: WaveRef) => bench.act.openGate({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' });
async function switchLanes(ref: WaveRef): Promise<void> {
  for (const lane of await bench.act.planSwitch(ref)) expect(await bench.act.switchLane(ref, lane)).toMatchObject({ end: 'done' });
}
const notices = async (ref: WaveRef) => (await bench.ledger.gates.latest(ref.run, gateNames.switch(ref.wave)))?.notices ?? [];
/** The books of the accounts of a wave. */
async function booksOf(wave: keyof typeof smallWaves): Promise<Readonly<Record<string, string>>> {
  const all = await books(bench);
  return Object.fromEntries(smallWaves[wave].flatMap((account) => (all[account] === undefined ? [] : [[account, all[account]]])));
}
const staying = 'stay in legacy and go on working there: ERNSH';

/** Documents stay alone. */
function alone(plan: Record<string, unknown>): void {
  for (const object of plan['objects'] as Record<string, unknown>[])
    if (object['activate'] === true) object['whenMissing'] = 'documentStays';
}

describe('where an account goes or stays whole', () => {
  useBench();

  // Before an account stays in legacy, which every wave that opens would take up.
  test('a switch whose activations are refused cannot finish: its books stay closed and the refusals count, until they are done', async () => {
    const east = await toTheGate('east');
    await atTheGate(east);
    expect(await bench.act.sealWave(east)).toBe('sealed');
    await refuse(bench, 'sale.sale.confirm');
    await switchLanes(east);
    expect(await bench.act.finishSwitch(east)).toEqual({ end: 'open', accounts: 0, open: 3 });
    expect(await booksOf('east')).toEqual({ LINOD: 'closed', RICSU: 'closed', SIMOB: 'closed' });
    expect((await bench.ledger.waves.get(east.run, 'east')).state).toBe('switching');
    expect((await bench.ledger.measurements.writeOutcomes(east.run, east)).failed).toHaveLength(3);
    await refuse(bench, null);
    await switchLanes(east);
    expect(await bench.act.finishSwitch(east)).toEqual({ end: 'switched', accounts: 3, open: 0 });
    expect((await bench.ledger.exceptions.openOf(east.run, 'east')).map(({ kind }) => kind)).toEqual([]);
    expect((await bench.ledger.measurements.writeOutcomes(east.run, east)).failed).toHaveLength(3);
  });

  test('an account whose customer the target refuses stays in legacy whole: open there, named at the gate, its book unchanged; the others switch', async () => {
    await refuse(bench, '"code":"ERNSH"');
    const pilot = await toTheGate('pilot');
    expect([await worksOn(bench, 'ERNSH'), await worksOn(bench, 'ALFKI')]).toEqual(['works', 'is refused']);
    await atTheGate(pilot);
    expect((await notices(pilot)).join(' ')).toContain(staying);
    expect(await bench.act.sealWave(pilot)).toBe('sealed');
    await switchLanes(pilot);
    expect(await bench.act.finishSwitch(pilot)).toEqual({ end: 'switched', accounts: 2, open: 0 });
    expect(await booksOf('pilot')).toEqual({ ALFKI: 'target', ERNSH: 'legacy', RATTC: 'target' });
    expect([await worksOn(bench, 'ERNSH'), await worksOn(bench, 'ALFKI')]).toEqual(['works', 'is refused']);
  });

  test('one refused order keeps its whole account in legacy, and none of its other documents is activated', async () => {
    await refuse(bench, '"reference":"11072"');
    const pilot = await toTheGate('pilot');
    expect(await worksOn(bench, 'ERNSH')).toBe('works');
    await atTheGate(pilot);
    expect((await notices(pilot)).join(' ')).toContain(staying);
    expect(await bench.act.sealWave(pilot)).toBe('sealed');
    await switchLanes(pilot);
    await bench.act.finishSwitch(pilot);
    const sales = (await erpTable(bench.business, 'sale.sale')).map(({ reference, state }) => [reference, state]);
    expect(sales).not.toContainEqual(['11008', 'processing']);
    expect(await booksOf('pilot')).toMatchObject({ ERNSH: 'legacy', RATTC: 'target' });
  });
});

describe('where documents may stay', () => {
  useBench({ plan: alone });

  test('where the plan lets a document stay alone, its account switches without it', async () => {
    await refuse(bench, '"reference":"11072"');
    const pilot = await toTheGate('pilot');
    expect(await worksOn(bench, 'ERNSH')).toBe('is refused');
    await atTheGate(pilot);
    expect(await bench.act.sealWave(pilot)).toBe('sealed');
    await switchLanes(pilot);
    await bench.act.finishSwitch(pilot);
    expect(await booksOf('pilot')).toEqual({ ALFKI: 'target', ERNSH: 'target', RATTC: 'target' });
  });
});

describe('where every account of a wave stays in legacy', () => {
  useBench({ waves: 2 });
  const removeFromCrm = async (accounts: readonly string[]): Promise<void> => {
    const crm = await CrmPerson.enter(bench.business);
    for (const { Id: id, AccountNumber: number } of await crmTable(bench.business, 'Account'))
      if (accounts.includes(String(number))) await crm.request('DELETE', `/sobjects/Account/${String(id)}`);
  };

  test('an account of the CRM that is removed or merged once it was matched shuts the gate, before anything is sealed', async () => {
    const east = await toTheGate('east');
    expect((await atTheGate(east)).shut).toEqual([]);
    await removeFromCrm(['SIMOB']);
    expect((await atTheGate(east)).shut).toEqual([
      expect.stringMatching(/^mismatchRate .*crmAccount SIMOB: no longer in crm: a no-go takes the wave back/),
    ]);
  });

  test('its gate opens, because there is nothing to compare; its switch moves nothing, leaves legacy open, and the next wave can follow', async () => {
    await removeFromCrm(smallWaves.pilot);
    await refuse(bench, 'party.party.create');
    const pilot = await toTheGate('pilot');
    const waiting = await atTheGate(pilot);
    expect(waiting.shut.filter((text) => text.startsWith('mismatchRate'))).toEqual([]);
    expect((await notices(pilot)).join(' ')).toContain('3 accounts of this wave stay in legacy');
    expect(await bench.act.sealWave(pilot)).toBe('sealed');
    await switchLanes(pilot);
    expect(await bench.act.finishSwitch(pilot)).toEqual({ end: 'switched', accounts: 0, open: 0 });
    expect(Object.values(await booksOf('pilot')).filter((book) => book !== 'legacy')).toEqual([]);
    for (const account of smallWaves.pilot) expect(await worksOn(bench, account)).toBe('works');
  });
});
