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
