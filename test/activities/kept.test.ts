import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { CrmPerson, crmTable, erpTable, inLegacy } from '../support/arena/people.ts';
import { pilotOrders, smallWaves } from '../support/small-plan.ts';
import { anew, startBench, verifyFrozen, type Bench } from './bench.ts';
import { worksOn } from './outside.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

/** Loads what legacy says now, and reads why the gate of the switch would be shut. */
async function loadAgain(ref: WaveRef): Promise<readonly string[]> {
  await verifyFrozen(bench, ref);
  await bench.act.openGate({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' });
  return (await bench.ledger.gates.latest(ref.run, gateNames.switch(ref.wave)))?.shut ?? ['there is no gate'];
}
const standing = async (object: string, key: string) => {
  const systems = await bench.deps.systems(bench.ref);
  return (await systems.target('erp').findByKey(object, [key]))[0];
};
const changed = async (ref: WaveRef) =>
  (await bench.ledger.exceptions.openOf(ref.run, 'pilot')).filter(({ kind }) => kind === 'changedByPerson');
const more = (order: string, quantity: number) =>
  inLegacy(bench.business, 'app', `update order_details set quantity = quantity + ${String(quantity)} where order_id = ${order}`);
const exceptionOf = (order: string, account: string) => [
  {
    object: 'order',
    sourceId: order,
    account,
    message: expect.stringMatching(
      /differs from the legacy system in .*lines.*Take the change back in legacy, or credit it in erp/,
    ) as unknown,
  },
];

// The confirmed sales of the pilot stay when it is taken back, and the customers they need: each attempt of a test finds them.
describe('a wave that had switched and was taken back, attempt by attempt', () => {
  beforeAll(async () => {
    await bench.switchOver(await bench.bringIn('pilot'));
  });

  test('a rollback after the switch tells everything that stays, and why; the next switch takes it over, and nothing of it is open any more', async () => {
    const second = await anew(bench, 'pilot');
    const left = (await bench.ledger.exceptions.openOf(bench.ref.run, 'pilot')).map(({ sourceId, kind }) => [sourceId, kind]);
    expect(left.sort()).toEqual(pilotOrders.map((order) => [order, 'remains']).sort());
    const ended = (await bench.ledger.trail.events(bench.ref.run)).findLast(({ kind }) => kind === 'rolledBack');
    expect(ended?.detail['left']).toEqual([
      'customer, 2 records: ERNSH, RATTC. Kept: something of its account that stays in the target needs it.',
      `order, 3 records: ${[...pilotOrders].sort().join(', ')}. In state processing the system lets nobody take it back.`,
    ]);
    const parties = await Promise.all(smallWaves.pilot.map((account) => standing('party', account)));
    expect(parties.map((party) => party?.key ?? null)).toEqual([null, 'ERNSH', 'RATTC']);
    await bench.act.openWave(second);
    await bench.load(second);
    await bench.act.enterShadow(second);
    await bench.act.compareBooks(second);
    await bench.switchOver(second);
    expect(await bench.ledger.exceptions.openOf(bench.ref.run, 'pilot')).toEqual([]);
  });

  test('a kept customer whose telephone was changed in legacy since is updated by the second attempt, and its gate is open', async () => {
    const second = await anew(bench, 'pilot');
    await inLegacy(bench.business, 'app', `update customers set phone = '0555-12345' where customer_id = 'ERNSH'`);
    await bench.act.openWave(second);
    expect(await loadAgain(second)).toEqual([]);
    expect((await standing('party', 'ERNSH'))?.fields['phone']).toBe('0555-12345');
    expect(await changed(second)).toEqual([]);
  });

  test('a kept confirmed order that legacy changed is an exception with its remedy, is never sent, and only its account stays, until the change is taken back', async () => {
    const second = await anew(bench, 'pilot');
    await more('11077', 1);
    const before = await standing('sale', '11077');
    await bench.act.openWave(second);
    expect(await loadAgain(second)).toEqual([]);
    expect(await standing('sale', '11077')).toEqual(before);
    expect(await changed(second)).toMatchObject(exceptionOf('11077', 'RATTC'));
    expect((await bench.ledger.measurements.writeOutcomes(second.run, second)).failed).toEqual([]);
    expect([await worksOn(bench, 'RATTC'), await worksOn(bench, 'ERNSH')]).toEqual(['works', 'is refused']);
    await more('11077', -1);
    await bench.act.stageDelta(second);
    await bench.load(second);
    expect(await changed(second)).toEqual([]);
  });

  test('a kept order that legacy changes after the second attempt took it over is an exception too, is never sent, and only its account stays', async () => {
    const second = await anew(bench, 'pilot');
    await bench.bringIn('pilot', second.attempt);
    await more('11072', 1);
    const before = await standing('sale', '11072');
    expect(await loadAgain(second)).toEqual([]);
    expect(await standing('sale', '11072')).toEqual(before);
    expect(await changed(second)).toMatchObject(exceptionOf('11072', 'ERNSH'));
    expect((await bench.ledger.measurements.writeOutcomes(second.run, second)).failed).toEqual([]);
    expect([await worksOn(bench, 'ERNSH'), await worksOn(bench, 'RATTC')]).toEqual(['works', 'is refused']);
  });
});

test('a kept quotation that a person made a draft again and wrote on stays as that person left it, for as long as legacy does not change it', async () => {
  const east = await bench.bringIn('east');
  const person = await ErpPerson.enter(bench.business.erp);
  const ids = await person.search('sale.sale', [['reference', '=', '11074']]);
  await person.call('sale.sale.draft', ids);
  await person.call('sale.sale.write', ids, { comment: 'promised for Friday' });
  await bench.takeBack(east);
  await bench.act.finishUndo(east);
  await bench.act.beginAttempt(bench.wave('east', 2));
  await bench.bringIn('east', 2);
  const sales = (await erpTable(bench.business, 'sale.sale')).filter(({ reference }) => reference === '11074');
  expect(sales).toMatchObject([{ id: ids[0], state: 'draft', comment: 'promised for Friday' }]);
});

test('a CRM account whose pointer a person changed, and that a rollback had to leave, is pointed at the new book by the next switch', async () => {
  const west = await bench.bringIn('west');
  await bench.switchOver(west);
  const account = async () => (await crmTable(bench.business, 'Account')).find(({ AccountNumber }) => AccountNumber === 'BONAP');
  const pointed = (await account())?.['BookOfRecord__c'];
  const crm = await CrmPerson.enter(bench.business);
  const byHand = { BookOfRecord__c: 'by hand' };
  await crm.request('PATCH', `/sobjects/Account/${String((await account())?.['Id'])}`, byHand);
  await bench.takeBack(west);
  await bench.act.finishUndo(west);
  expect(await account()).toMatchObject(byHand);
  const second = bench.wave('west', 2);
  await bench.act.beginAttempt(second);
  await bench.switchOver(await bench.bringIn('west', 2));
  expect(await account()).toMatchObject({ BookOfRecord__c: pointed });
  expect(await bench.ledger.exceptions.openOf(bench.ref.run, 'west')).toEqual([]);
  await bench.takeBack(second);
  await bench.act.finishUndo(second);
  expect(await account()).toMatchObject(byHand);
});
