import { afterEach, expect, test } from '@jest/globals';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { CrmPerson, crmTable, erpTable, inLegacy } from '../support/arena/people.ts';
import { pilotOrders, smallWaves } from '../support/small-plan.ts';
import { startBench, type Bench } from './bench.ts';
import { worksOn } from './outside.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** The pilot, switched and taken back: its confirmed sales stay, and the customers they need. */
async function takenBack(): Promise<WaveRef> {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  await bench.switchOver(pilot);
  await bench.takeBack(pilot);
  await bench.act.finishUndo(pilot);
  const second = bench.wave('pilot', 2);
  await bench.act.beginAttempt(second);
  return second;
}
/** Loads what legacy says now, and reads why the gate of the switch would be shut. */
async function loadAgain(ref: WaveRef): Promise<readonly string[]> {
  await bench.act.enterShadow(ref);
  await bench.act.freezeWave(ref);
  await bench.act.stageDelta(ref);
  await bench.load(ref);
  await bench.act.verifyWave(ref);
  await bench.act.compareBooks(ref);
  await bench.act.openGate({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' });
  return (await bench.ledger.gates.latest(ref.run, gateNames.switch(ref.wave)))?.shut ?? ['there is no gate'];
}
const standing = async (object: string, key: string) => {
  const systems = await bench.deps.systems(bench.ref);
  return (await systems.target('erp').findByKey(object, [key]))[0];
};
const changed = async (ref: WaveRef) =>
  (await bench.ledger.exceptions.openOf(ref.run, 'pilot')).filter(({ kind }) => kind === 'changedByPerson');
const more = (quantity: number) =>
  inLegacy(bench.business, 'app', `update order_details set quantity = quantity + ${String(quantity)} where order_id = 11077`);
const itsException = [
  {
    object: 'order',
    sourceId: '11077',
    account: 'RATTC',
    message: expect.stringMatching(
      /differs from the legacy system in .*lines.*Take the change back in legacy, or credit it in erp/,
    ) as unknown,
  },
];

test('a rollback after the switch tells everything that stays, and why; the next switch takes it over, and nothing of it is open any more', async () => {
  const second = await takenBack();
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
  const second = await takenBack();
  await inLegacy(bench.business, 'app', `update customers set phone = '0555-12345' where customer_id = 'ERNSH'`);
  await bench.act.openWave(second);
  expect(await loadAgain(second)).toEqual([]);
  expect((await standing('party', 'ERNSH'))?.fields['phone']).toBe('0555-12345');
  expect(await changed(second)).toEqual([]);
});

test('a kept confirmed order that legacy changed is an exception with its remedy, is never sent, and only its account stays, until the change is taken back', async () => {
  const second = await takenBack();
  await more(1);
  const before = await standing('sale', '11077');
  await bench.act.openWave(second);
  expect(await loadAgain(second)).toEqual([]);
  expect(await standing('sale', '11077')).toEqual(before);
  expect(await changed(second)).toMatchObject(itsException);
  expect((await bench.ledger.measurements.writeOutcomes(second.run, 'pilot', 2)).failed).toEqual([]);
  expect([await worksOn(bench, 'RATTC'), await worksOn(bench, 'ERNSH')]).toEqual(['works', 'is refused']);
  await more(-1);
  await bench.act.stageDelta(second);
  await bench.load(second);
  expect(await changed(second)).toEqual([]);
});

test('a kept order that legacy changes after the second attempt took it over is an exception too, is never sent, and only its account stays', async () => {
  const second = await takenBack();
  await bench.bringIn('pilot', 2);
  await more(1);
  const before = await standing('sale', '11077');
  expect(await loadAgain(second)).toEqual([]);
  expect(await standing('sale', '11077')).toEqual(before);
  expect(await changed(second)).toMatchObject(itsException);
  expect((await bench.ledger.measurements.writeOutcomes(second.run, 'pilot', 2)).failed).toEqual([]);
  expect([await worksOn(bench, 'RATTC'), await worksOn(bench, 'ERNSH')]).toEqual(['works', 'is refused']);
});

test('a kept quotation that a person made a draft again and wrote on stays as that person left it, for as long as legacy does not change it', async () => {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  const person = await ErpPerson.enter(bench.business.erp);
  const ids = await person.search('sale.sale', [['reference', '=', '11077']]);
  await person.call('sale.sale.draft', ids);
  await person.call('sale.sale.write', ids, { comment: 'promised for Friday' });
  await bench.takeBack(pilot);
  await bench.act.finishUndo(pilot);
  await bench.act.beginAttempt(bench.wave('pilot', 2));
  await bench.bringIn('pilot', 2);
  const sales = (await erpTable(bench.business, 'sale.sale')).filter(({ reference }) => reference === '11077');
  expect(sales).toMatchObject([{ id: ids[0], state: 'draft', comment: 'promised for Friday' }]);
});

test('a CRM account whose pointer a person changed, and that a rollback had to leave, is pointed at the new book by the next switch', async () => {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  await bench.switchOver(pilot);
  const account = async () => (await crmTable(bench.business, 'Account')).find(({ AccountNumber }) => AccountNumber === 'RATTC');
  const pointed = (await account())?.['BookOfRecord__c'];
  const crm = await CrmPerson.enter(bench.business);
  const byHand = { BookOfRecord__c: 'by hand' };
  await crm.request('PATCH', `/sobjects/Account/${String((await account())?.['Id'])}`, byHand);
  await bench.takeBack(pilot);
  await bench.act.finishUndo(pilot);
  expect(await account()).toMatchObject(byHand);
  const second = bench.wave('pilot', 2);
  await bench.act.beginAttempt(second);
  await bench.switchOver(await bench.bringIn('pilot', 2));
  expect(await account()).toMatchObject({ BookOfRecord__c: pointed });
  expect(await bench.ledger.exceptions.openOf(bench.ref.run, 'pilot')).toEqual([]);
  await bench.takeBack(second);
  await bench.act.finishUndo(second);
  expect(await account()).toMatchObject(byHand);
});
