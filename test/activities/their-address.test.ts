import { afterAll, beforeAll, expect, test } from 'vitest';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { erpTable } from '../support/arena/people.ts';
import { anew, startBench, type Bench } from './bench.ts';
import { takeOrder } from './orders.ts';

const account = 'ERNSH';
const reference = 'by telephone';
let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

/** Streets that the customer's record shows, with the ids of their records, by the target's own tables. */
async function shown(): Promise<readonly string[]> {
  const [party] = (await erpTable(bench.business, 'party.party')).filter(({ code }) => code === account);
  const all = (await erpTable(bench.business, 'party.address')).filter((row) => row['party'] === party?.['id'] && row['active'] === true);
  return all.map(({ id, street }) => `${String(id)} ${String(street)}`);
}
/** Streets of the sale that somebody entered: of its invoice and of its shipment. */
async function ofSale(): Promise<readonly unknown[]> {
  const addresses = await erpTable(bench.business, 'party.address');
  const [sale] = (await erpTable(bench.business, 'sale.sale')).filter((row) => row['reference'] === reference);
  return ['invoice_address', 'shipment_address'].map((name) => addresses.find(({ id }) => id === sale?.[name])?.['street']);
}

/** All address records of this customer, inactive ones too, as the target's own tables have them; without who wrote them and when. */
async function records(code: string): Promise<readonly unknown[]> {
  const [party] = (await erpTable(bench.business, 'party.party')).filter((row) => row['code'] === code);
  const all = (await erpTable(bench.business, 'party.address')).filter((row) => row['party'] === party?.['id']);
  return all.map(({ id, street, city, active, sequence }) => ({ id, street, city, active, sequence }));
}
/** A customer as a person keyed it: of two addresses, the one that legacy has was closed. */
async function keyed(person: ErpPerson, code: string, inUse: string, closed: Readonly<Record<string, unknown>>): Promise<void> {
  const addresses = [['create', [{ street: inUse, city: 'Ulm' }, closed]]];
  await person.call('party.party.create', [{ code, name: code, addresses }]);
  const found = await person.search('party.address', [
    ['party.code', '=', code],
    ['street', '=', closed['street']],
  ]);
  await person.call('party.address.write', found, { active: false });
}

test('the address of a sale that somebody entered stays what it says while legacy has another, and is the customer’s own again after a rollback', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  await person.call('party.party.create', [
    { code: account, name: 'Ernst', addresses: [['create', [{ street: 'Markt 1', city: 'Ulm' }]]] },
  ]);
  await takeOrder(person, account, reference);
  const before = await shown();
  expect([before.length, await ofSale()]).toEqual([1, ['Markt 1', 'Markt 1']]);

  await bench.bringIn('pilot');
  expect((await shown()).map((text) => text.replace(/^\d+ /, ''))).toEqual(['Kirchgasse 6']);
  expect(await ofSale()).toEqual(['Markt 1', 'Markt 1']);

  const second = await anew(bench, 'pilot');
  expect([await shown(), await ofSale()]).toEqual([before, ['Markt 1', 'Markt 1']]);

  await bench.bringIn('pilot', second.attempt);
  expect((await shown()).map((text) => text.replace(/^\d+ /, ''))).toEqual(['Kirchgasse 6']);
  expect(await ofSale()).toEqual(['Markt 1', 'Markt 1']);
});

test('address records of a customer who was there before us are after each rollback what they were, those that somebody had closed too', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  const [germany] = await person.search('country.country', [['code', '=', 'DE']]);
  const [states] = await person.search('country.country', [['code', '=', 'US']]);
  let { attempt } = await anew(bench, 'pilot');
  const milton = { street: '2817 Milton Dr.\nNM', city: 'Albuquerque', postal_code: '87110', country: states };
  const obere = { street: 'Obere Str. 57', city: 'Berlin', postal_code: '12209', country: germany };
  await keyed(person, 'RATTC', 'Hafen 2', milton);
  await keyed(person, 'ALFKI', 'Hafen 3', obere);
  await takeOrder(person, 'ALFKI', 'at the counter');
  const all = (): Promise<readonly unknown[]> => Promise.all(['RATTC', 'ALFKI'].map(records));
  const before = await all();
  expect(before).toMatchObject([1, 2].map(() => [{ active: true }, { active: false }]));

  for (let time = 1; time <= 2; time += 1) {
    await bench.bringIn('pilot', attempt);
    expect(await all()).toMatchObject([
      [
        { street: 'Hafen 2', active: false },
        { street: milton.street, active: true },
      ],
      [
        { street: 'Hafen 3', active: false },
        { street: obere.street, active: true },
      ],
    ]);
    ({ attempt } = await anew(bench, 'pilot'));
    expect(await all()).toEqual(before);
  }
});
