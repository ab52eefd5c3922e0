import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { WaveRef } from '../../contracts/messages.ts';
import { load, only, stage, startLoadBench, write, type LoadBench } from './load-bench.ts';
import { customerOfOrders, newNumber, stageFreight } from './orders.ts';

const address = { street: 'Obere Str. 57', city: 'Berlin', postalCode: '12209', country: 'DE' };
let bench: LoadBench;
let ref: WaveRef;
let key = '';

beforeAll(async () => {
  bench = await startLoadBench();
});
afterAll(() => bench.stop());
beforeEach(async () => {
  ref = await bench.begin();
  key = `M-${randomUUID().slice(0, 8)}`;
});

const source = (changes: Readonly<Record<string, string>> = {}) => ({
  ...{ customer_id: key, company_name: `Alfreds ${key}`, contact_person: 'Maria Anders', phone: '030-0074321', fax: '030-0076545' },
  addresses: [address],
  ...changes,
});
/** The party as somebody keyed it before the run. */
const keyed = (changes: Readonly<Record<string, string>> = {}) =>
  write(bench.person, 'party', 'create', {
    ...{ code: key, name: `Alfreds ${key}`, contactPerson: 'Maria Anders', phone: '030-0074321', fax: '030-0076545' },
    addresses: [address],
    ...changes,
  });
const byPerson = async (fields: Readonly<Record<string, string>>) =>
  write(bench.person, 'party', 'update', fields, (await only(bench.person, 'party', key)).id);
const loadSource = async (changes: Readonly<Record<string, string>> = {}) => {
  await stage(bench, ref, 'customer', key, source(changes));
  return load(bench, ref, 'customer');
};
const fields = async () => (await only(bench.person, 'party', key)).fields;
const exceptions = async () => (await bench.ledger.exceptions.openOf(ref.run)).map(({ kind, message }) => `${kind}: ${message}`);

test('a record recognised without a write keeps what a person corrects there; a later change of the source brings only its own field', async () => {
  await keyed();
  expect(await loadSource()).toEqual(['done']);
  await byPerson({ phone: '030-1111111' });
  expect(await loadSource({ contact_person: 'Ana Trujillo' })).toEqual(['done']);
  expect(await fields()).toMatchObject({ phone: '030-1111111', contactPerson: 'Ana Trujillo' });
  expect(await exceptions()).toEqual([]);
});

test('a field that was equal at a match with a write is protected too', async () => {
  await keyed({ fax: '030-0' });
  expect(await loadSource()).toEqual(['done']);
  expect(await fields()).toMatchObject({ fax: '030-0076545' });
  await byPerson({ phone: '030-1111111' });
  expect(await loadSource({ contact_person: 'Ana Trujillo' })).toEqual(['done']);
  expect(await fields()).toMatchObject({ phone: '030-1111111', contactPerson: 'Ana Trujillo' });
  expect(await exceptions()).toEqual([]);
});

test('a field that a person and the source both changed since the match is an exception, and nothing is written', async () => {
  await keyed();
  await loadSource();
  await byPerson({ phone: '030-1111111' });
  await loadSource({ phone: '030-2222222', contact_person: 'Ana Trujillo' });
  expect(await fields()).toMatchObject({ phone: '030-1111111', contactPerson: 'Maria Anders' });
  expect(await exceptions()).toEqual([
    'changedByPerson: The target holds neither what the last load left there nor what the source says now: phone. It keeps its values until somebody decides.',
  ]);
  await byPerson({ phone: '030-2222222' });
  await loadSource({ phone: '030-2222222', contact_person: 'Ana Trujillo' });
  expect(await fields()).toMatchObject({ phone: '030-2222222', contactPerson: 'Ana Trujillo' });
  expect(await exceptions()).toEqual([]);
});

test('two changes of the source before one load are compared with what was recognised, and not with the one between', async () => {
  await keyed();
  await loadSource();
  await stage(bench, ref, 'customer', key, source({ phone: '030-2222222' }));
  await loadSource({ phone: '030-3333333' });
  expect(await fields()).toMatchObject({ phone: '030-3333333' });
  expect(await exceptions()).toEqual([]);
});

describe('an order whose number stands in the reference of a quotation that a person entered', () => {
  /** The quotation as a clerk enters it for this customer. */
  const quoted = async (customer: string, reference: string) => {
    const [party, product] = [await only(bench.person, 'party', customer), await only(bench.person, 'product', 'FREIGHT')];
    const line = { product: product.id, quantity: '7', unitPrice: '1.00', taxes: [] };
    const [outcome] = await write(bench.person, 'sale', 'create', {
      ...{ reference, party: party.id, invoiceAddress: address, shipTo: address, saleDate: '1998-05-01', currency: 'USD' },
      lines: [line],
    });
    expect(outcome).toMatchObject({ outcome: 'applied' });
    return only(bench.person, 'sale', reference);
  };

  test('is an exception that names the quotation where that is of another customer, and nothing is written to it; corrected there, the order is created', async () => {
    const [other, customer, number] = [await customerOfOrders(bench, ref), await customerOfOrders(bench, ref), newNumber()];
    const theirs = await quoted(other, number);
    await stageFreight(bench, ref, customer, number);
    expect(await load(bench, ref, 'order')).toEqual(['done']);
    expect(await bench.person.findByKey('sale', [number])).toEqual([theirs]);
    expect(await bench.ledger.exceptions.openOf(ref.run)).toMatchObject([
      {
        kind: 'twoMatches',
        sourceId: number,
        candidates: [theirs.id],
        message: expect.stringContaining('its party is another one') as unknown,
      },
    ]);
    await write(bench.person, 'sale', 'update', { reference: `their ${number}` }, theirs.id);
    expect(await load(bench, ref, 'order')).toEqual(['done']);
    const own = await only(bench.person, 'sale', number);
    expect(own.fields).toMatchObject({ party: (await only(bench.person, 'party', customer)).id });
    expect(await exceptions()).toEqual([]);
  });

  test('is that quotation where it is of the same customer', async () => {
    const [customer, number] = [await customerOfOrders(bench, ref), newNumber()];
    const keyedIn = await quoted(customer, number);
    await stageFreight(bench, ref, customer, number);
    expect(await load(bench, ref, 'order')).toEqual(['done']);
    expect(await only(bench.person, 'sale', number)).toMatchObject({ id: keyedIn.id, fields: { lines: [{ quantity: '1' }] } });
    expect(await exceptions()).toEqual([]);
  });
});
