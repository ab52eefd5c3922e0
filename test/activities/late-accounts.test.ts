import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateNames, sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { enterAccount, mergeAccounts, newCustomer, newOrder } from '../support/arena/customers.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { broughtIn, dying, startBench, undoAll, type Bench } from './bench.ts';
import { books, refuse, worksOn } from './outside.ts';

let bench: Bench;

/** A business in which the pilot has switched. Each test has the last wave anew, loaded in shadow, its accounts open in legacy. */
function useLastWave(newcomers: 'lastWave' | 'stay'): () => Promise<WaveRef> {
  beforeAll(async () => {
    bench = await startBench({ waves: 2, plan: (plan) => void (plan['newcomers'] = newcomers) });
    await bench.switchOver(await bench.bringIn('pilot'));
  });
  afterAll(() => bench.stop());
  return () => broughtIn(bench, 'east');
}

async function behindTheFreeze(wave: WaveRef): ReturnType<Bench['act']['verifyWave']> {
  await bench.act.stageDelta(wave);
  await bench.load(wave);
  const verified = await bench.act.verifyWave(wave);
  await bench.act.compareBooks(wave);
  return verified;
}

/** What people are told at the gate. */
async function atTheGate(wave: WaveRef): Promise<string> {
  const gate = gateNames.switch(wave.wave);
  expect((await bench.act.openGate({ ...wave, gate, kind: 'switch' })).shut).toEqual([]);
  return ((await bench.ledger.gates.latest(wave.run, gate))?.notices ?? []).join(' ');
}

/** The switch after one freeze and one vote. */
async function switchOnce(wave: WaveRef): Promise<void> {
  expect(await bench.act.sealWave(wave)).toBe('sealed');
  for (const lane of await bench.act.planSwitch(wave)) expect(await bench.act.switchLane(wave, lane)).toMatchObject({ end: 'done' });
  expect(await bench.act.finishSwitch(wave)).toMatchObject({ end: 'switched' });
}

/** From the freeze to the switch, with nobody who comes late. Returns what people are told at the gate. */
async function switchWhole(wave: WaveRef): Promise<string> {
  await bench.act.freezeWave(wave);
  expect(await behindTheFreeze(wave)).toMatchObject({ late: 0 });
  const told = await atTheGate(wave);
  await switchOnce(wave);
  return told;
}

/** As switchWhole, while two customers come up too late: one behind the freeze, one at the gate. */
async function switchWithLaterAndLast(wave: WaveRef): Promise<void> {
  await bench.act.freezeWave(wave);
  await newCustomer(bench.business, 'LATER', 20_004);
  expect(await behindTheFreeze(wave)).toMatchObject({ late: 0 });
  await atTheGate(wave);
  await newCustomer(bench.business, 'LAST', 20_005);
  await switchOnce(wave);
}

const sales = async () =>
  (await erpTable(bench.business, 'sale.sale')).map(({ reference, state }) => `${String(reference)} ${String(state)}`);
const parties = async () => (await erpTable(bench.business, 'party.party')).map(({ code }) => code);

describe('where newcomers go with the last wave', () => {
  const lastWave = useLastWave('lastWave');

  test('a customer who comes up after the last catch-up and before the freeze is frozen with the last wave, and switches with it at the first vote', async () => {
    const east = await lastWave();
    await newCustomer(bench.business, 'NEWCO', 20_003);
    await bench.act.freezeWave(east);
    expect(await worksOn(bench, 'NEWCO')).toBe('is refused');
    expect(await behindTheFreeze(east)).toMatchObject({ late: 0 });
    await atTheGate(east);
    await switchOnce(east);
    expect(await books(bench)).toMatchObject({ NEWCO: 'target', SIMOB: 'target' });
    expect(await sales()).toContain('20003 processing');
  });

  test('a customer who comes up behind the freeze of the last wave costs no second freeze and no second vote, and the close names it', async () => {
    const east = await lastWave();
    await switchWithLaterAndLast(east);
    expect([await worksOn(bench, 'LATER'), await worksOn(bench, 'LAST')]).toEqual(['works', 'works']);
    expect(await books(bench)).toMatchObject({ SIMOB: 'target' });
    expect(Object.keys(await books(bench))).not.toContain('LATER');
    expect(await parties()).not.toContain('LATER');
    const { shut } = await bench.act.openGate({ ...bench.ref, gate: 'close', kind: 'close', wave: sharedWave });
    expect(shut.join(' ')).toMatch(/customer: 2 records \(LAST, LATER\)/);
  });

  test('a customer whose freeze was ordered by a worker that then died is open again when the wave is taken back', async () => {
    const east = await lastWave();
    await newCustomer(bench.business, 'ALMST', 20_007);
    const point = (name: string): void => {
      if (name === 'afterFreeze') throw new Error('killed');
    };
    await expect(dying(bench, { point }).freezeWave(east)).rejects.toThrow('killed');
    expect(await worksOn(bench, 'ALMST')).toBe('is refused');
    await bench.act.raiseWave(east, 'back', 'the bench takes it back');
    await undoAll(bench.act, east);
    await bench.act.thawWave(east);
    expect(await worksOn(bench, 'ALMST')).toBe('works');
  });

  test('a customer who was frozen when it came up and is gone before it was read is closed no more', async () => {
    const east = await lastWave();
    await newCustomer(bench.business, 'GONER', 20_008);
    await bench.act.freezeWave(east);
    expect(await books(bench)).toMatchObject({ GONER: 'closed' });
    for (const statement of [
      'alter table customers disable trigger user',
      'alter table orders disable trigger user',
      'alter table order_details disable trigger user',
      'delete from order_details where order_id = 20008',
      'delete from orders where order_id = 20008',
      `delete from customers where customer_id = 'GONER'`,
      'alter table customers enable trigger user',
      'alter table orders enable trigger user',
      'alter table order_details enable trigger user',
    ])
      await inLegacy(bench.business, 'admin', statement);
    await behindTheFreeze(east);
    expect(await books(bench)).toMatchObject({ GONER: 'legacy' });
  });

  test('a newcomer whose order was refused, who stayed behind the last wave and went with another one, is not frozen, closed or opened by the next attempt of the last', async () => {
    await newCustomer(bench.business, 'STAYS', 20_010);
    await inLegacy(bench.business, 'admin', `update customers set company_name = 'Stays', postal_code = '1' where customer_id = 'STAYS'`);
    await refuse(bench, '"reference":"20010"');
    const first = await lastWave();
    await bench.act.freezeWave(first);
    await behindTheFreeze(first);
    await bench.act.openGate({ ...first, gate: gateNames.switch('east'), kind: 'switch' });
    await switchOnce(first);
    expect((await books(bench))['STAYS']).toBe('legacy');
    await refuse(bench, null);
    await bench.switchOver(await broughtIn(bench, 'pilot'));
    const switched = [await sales(), await parties()];
    expect([(await books(bench))['STAYS'], switched[0]?.includes('20010 processing')]).toEqual(['target', true]);
    const east = await lastWave();
    await bench.act.freezeWave(east);
    expect(await books(bench)).toMatchObject({ STAYS: 'target', SIMOB: 'closed' });
    await behindTheFreeze(east);
    await bench.takeBack(east);
    await bench.act.finishUndo(east);
    expect(await books(bench)).toMatchObject({ STAYS: 'target', SIMOB: 'legacy' });
    expect([await worksOn(bench, 'STAYS'), await worksOn(bench, 'SIMOB')]).toEqual(['is refused', 'works']);
    expect([(await sales()).includes('20010 processing'), (await parties()).includes('STAYS')]).toEqual([true, true]);
  });
});

describe('where newcomers stay', () => {
  const lastWave = useLastWave('stay');

  test('where the plan says so, such a customer stays in legacy by that rule, on the line of what was left', async () => {
    const east = await lastWave();
    await switchWithLaterAndLast(east);
    const close = { ...bench.ref, gate: 'close', kind: 'close', wave: sharedWave } as const;
    expect((await bench.act.openGate(close)).shut).toEqual([]);
    const { facts } = (await bench.ledger.gates.latest(bench.ref.run, 'close')) ?? {};
    const { lines } = facts?.equations.find(({ object }) => object === 'customer') ?? {};
    expect(lines?.find(({ label }) => label === 'left')).toMatchObject({ count: 2, keys: ['LAST', 'LATER'] });
  });
});

describe('accounts whose records people mend, each in a wave of its own', () => {
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.stop());

  test('what people mend while a wave is loaded in shadow is tried again by its last catch-up, so that the freeze takes its account in', async () => {
    await enterAccount(bench.business, 'RATTC', 'Keyed twice');
    const pilot = await broughtIn(bench, 'pilot');
    expect(await bench.act.stageDelta(pilot)).toBe(0);
    await mergeAccounts(bench.business, 'RATTC');
    expect(await bench.act.stageDelta(pilot)).toBe(0);
    expect(await bench.act.stageDelta(pilot, true)).toBeGreaterThan(0);
    await bench.load(pilot);
    expect(await bench.act.stageDelta(pilot, true)).toBe(0);
    expect(await switchWhole(pilot)).not.toContain('stay in legacy');
    expect(await books(bench)).toMatchObject({ RATTC: 'target', ERNSH: 'target' });
  });

  test('an account that is mended behind the freeze is told of before its gate opens, and goes with the others once the freeze has taken it in', async () => {
    await enterAccount(bench.business, 'SIMOB', 'Keyed twice');
    const east = await broughtIn(bench, 'east');
    await bench.act.freezeWave(east);
    await mergeAccounts(bench.business, 'SIMOB');
    expect(await behindTheFreeze(east)).toMatchObject({ late: 1 });
    expect([await worksOn(bench, 'SIMOB'), await worksOn(bench, 'RICSU')]).toEqual(['works', 'is refused']);
    expect(await switchWhole(east)).not.toContain('stay in legacy');
    expect(await books(bench)).toMatchObject({ SIMOB: 'target', RICSU: 'target' });
  });

  test('an account that was opened again behind the freeze, because an order of it was refused, is told of once that order is taken', async () => {
    const west = await broughtIn(bench, 'west');
    await refuse(bench, '"reference":"20006"');
    await newOrder(bench.business, 20_006, 'BONAP');
    await bench.act.freezeWave(west);
    expect(await behindTheFreeze(west)).toMatchObject({ late: 0, exceptions: 1 });
    expect(await worksOn(bench, 'BONAP')).toBe('works');
    await refuse(bench, null);
    expect(await behindTheFreeze(west)).toMatchObject({ late: 1, exceptions: 0 });
  });
});
