import { afterEach, beforeEach, expect, test } from 'vitest';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { crmTable, erpTable, inLegacy, isErpPointer } from '../support/arena/people.ts';
import { startBench, verifyFrozen, type Bench } from './bench.ts';
import { books, worksOn } from './outside.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

const partyOf = async (person: ErpPerson, code: string): Promise<number> =>
  (
    await person.search('party.party', [
      ['code', '=', code],
      ['active', 'in', [true, false]],
    ])
  )[0] ?? 0;
/** Takes a customer out of use in the new system, or back into it. */
async function use(code: string, active: boolean): Promise<void> {
  const person = await ErpPerson.enter(bench.business.erp);
  await person.call('party.party.write', [await partyOf(person, code)], { active });
}
async function toTheGate(name: string): Promise<WaveRef> {
  const wave = bench.wave(name);
  expect(await bench.act.openWave(wave)).toBe('begun');
  await verifyFrozen(bench, wave);
  return wave;
}
/** What the gate tells of accounts that stay; then, behind whatever happens once it is open, the switch of the others. */
async function throughTheGate(wave: WaveRef, happens: () => Promise<void> = () => Promise.resolve()): Promise<string> {
  const gate = gateNames.switch(wave.wave);
  expect((await bench.act.openGate({ ...wave, gate, kind: 'switch' })).shut).toEqual([]);
  await happens();
  expect(await bench.act.sealWave(wave)).toBe('sealed');
  for (const lane of await bench.act.planSwitch(wave)) expect(await bench.act.switchLane(wave, lane)).toMatchObject({ end: 'done' });
  expect((await bench.act.finishSwitch(wave)).end).toBe('switched');
  return ((await bench.ledger.gates.latest(wave.run, gate))?.notices ?? []).join(' ');
}
/** Sales of these orders, by the target's own table. */
const sales = async (...numbers: readonly string[]) =>
  (await erpTable(bench.business, 'sale.sale'))
    .filter(({ reference }) => numbers.includes(String(reference)))
    .map(({ reference, state }) => `${String(reference)} ${String(state)}`)
    .sort();
const isPointedAt = async (account: string) =>
  isErpPointer((await crmTable(bench.business, 'Account')).find(({ AccountNumber }) => AccountNumber === account)?.['BookOfRecord__c']);

test('an account whose customer a person has taken out of use in the target stays in legacy whole, and goes with the next wave once it is back in use', async () => {
  const pilot = await toTheGate('pilot');
  await use('ERNSH', false);
  expect(await throughTheGate(pilot)).toContain('ERNSH (customer ERNSH is inactive in erp; make it active there)');
  expect(await books(bench)).toMatchObject({ ALFKI: 'target', RATTC: 'target' });
  expect((await books(bench))['ERNSH']).not.toBe('target');
  expect([await sales('11008', '11072'), await isPointedAt('ERNSH')]).toEqual([['11008 quotation', '11072 quotation'], false]);

  await use('ERNSH', true);
  expect(await throughTheGate(await toTheGate('east'))).not.toContain('inactive');
  expect(await books(bench)).toMatchObject({ ERNSH: 'target', SIMOB: 'target' });
  expect([await sales('11008', '11072'), await isPointedAt('ERNSH')]).toEqual([['11008 processing', '11072 processing'], true]);
});

test('one whose customer is taken out of use or deleted while people decide stays behind when the others are sealed', async () => {
  const pilot = await toTheGate('pilot');
  await throughTheGate(pilot, async () => {
    await use('ERNSH', false);
    const person = await ErpPerson.enter(bench.business.erp);
    await person.call('party.party.delete', [await partyOf(person, 'ALFKI')]);
  });
  const all = await books(bench);
  expect([all['RATTC'], all['ERNSH'] === 'target', all['ALFKI'] === 'target']).toEqual(['target', false, false]);
  expect([await isPointedAt('RATTC'), await isPointedAt('ERNSH'), await isPointedAt('ALFKI')]).toEqual([true, false, false]);
  expect([all['ERNSH'], all['ALFKI'], await worksOn(bench, 'ERNSH'), await worksOn(bench, 'ALFKI')]).toEqual([
    'legacy',
    'legacy',
    'works',
    'works',
  ]);

  await use('ERNSH', true);
  await throughTheGate(await toTheGate('east'));
  expect((await books(bench))['ERNSH']).toBe('target');
  // As a worker left it that died between the two: the first wave still holds what goes with the second.
  await askDatabase(bench.business.ledgerUrl, [`update freeze_item set state = 'frozen' where wave = 'pilot' and account = 'ERNSH'`]);
  await bench.takeBack(pilot);
  await bench.act.finishUndo(pilot);
  expect(await books(bench)).toMatchObject({ ERNSH: 'target', RATTC: 'legacy' });
  expect(await worksOn(bench, 'ERNSH')).toBe('is refused');
});

test('one that was there and out of use before us stays in legacy too, open for its users at the gate', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  const [source] = await inLegacy(bench.business, 'admin', `select * from customers where customer_id = 'SIMOB'`);
  const [country] = await person.search('country.country', [['code', '=', 'DK']]);
  await person.call('party.party.create', [
    {
      code: 'SIMOB',
      name: source?.['company_name'],
      contact_mechanisms: [
        [
          'create',
          [
            { type: 'phone', value: source?.['phone'], name: `${String(source?.['contact_name'])}, ${String(source?.['contact_title'])}` },
            { type: 'fax', value: source?.['fax'] },
          ],
        ],
      ],
      addresses: [['create', [{ street: source?.['address'], city: source?.['city'], postal_code: source?.['postal_code'], country }]]],
    },
  ]);
  await use('SIMOB', false);
  const east = await toTheGate('east');
  expect([await worksOn(bench, 'SIMOB'), await worksOn(bench, 'RICSU')]).toEqual(['works', 'is refused']);
  expect(await throughTheGate(east)).toContain('SIMOB (customer SIMOB is inactive in erp; make it active there)');
  expect(await books(bench)).toMatchObject({ SIMOB: 'legacy', RICSU: 'target', LINOD: 'target' });
  expect((await sales('11074')).filter((text) => text !== '11074 quotation')).toEqual([]);
});
