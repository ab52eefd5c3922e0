import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { WaveRef } from '../../contracts/messages.ts';
import { load, only, stage, startLoadBench, write, type LoadBench } from './load-bench.ts';

const address = { street: 'Obere Str. 57', city: 'Berlin', postalCode: '12209', country: 'DE' };
const notToday = { action: 'reject', status: 200, body: '{"error":["UserError",["Not today.","",null]]}' } as const;
let bench: LoadBench;
let ref: WaveRef;
let customer = '';

beforeAll(async () => {
  bench = await startLoadBench();
});
afterAll(() => bench.stop());
afterEach(() => bench.fault(null));
beforeEach(async () => {
  ref = await bench.begin();
  customer = `R-${randomUUID().slice(0, 8)}`;
  await write(bench.person, 'party', 'create', { code: customer, name: 'Alfreds Futterkiste', addresses: [address] });
  await known('customer', customer, 'party', customer);
  await known('terms', 'NET30', 'paymentTerm', 'Net 30');
  await known('product', 'FREIGHT', 'product', 'FREIGHT');
  await known('tax', 'TEN', 'tax', 'Sales tax 10%');
});

/** Writes down that a source record is this one of the target, as a load that matched it would. */
async function known(object: string, sourceId: string, targetObject: string, key: string): Promise<void> {
  const { id } = await only(bench.person, targetObject, key);
  const { scope } = await bench.ledger.runs.get(ref.run);
  const [lane = 0] = await bench.ledger.lanes.plan({ ...ref, kind: 'load', object }, [sourceId], 1);
  const claimed = await bench.ledger.lanes.claim(lane, 60_000);
  await bench.ledger.crosswalk.match(
    { ...ref, scope: scope ?? '', lane, token: 'token' in claimed ? claimed.token : 0 },
    { object, sourceId, system: 'erp', targetObject, targetId: id, shares: 'always', contentHash: null },
  );
}
async function stageOrder(number: string): Promise<void> {
  await stage(bench, ref, 'order', number, {
    ...{ order_number: number, customer_id: customer, order_date: '1998-05-04', currency: 'USD', terms_code: 'NET30' },
    ...{ invoice_address: address, ship_to: address },
    lines: [{ item: 'FREIGHT', quantity: '1', unit_price: '4.50', discount: '0', tax_code: 'TEN', note: null }],
  });
}
const newNumber = (): string => `1${String(Math.floor(Math.random() * 1e9))}`;
const exceptions = async () =>
  (await bench.ledger.exceptions.openOf(ref.run)).map(({ sourceId, kind, message }) => [sourceId, kind, message]);
const words = expect.stringContaining('Not today.') as unknown as string;

test('one sale that the target will not quote holds up no other of its batch, and stands nowhere', async () => {
  const numbers = [newNumber(), newNumber()].sort();
  for (const number of numbers) await stageOrder(number);
  await bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, ...notToday, times: 2 });
  expect(await load(bench, ref, 'order')).toEqual(['done']);
  const [bad, good] = numbers;
  expect(await bench.person.findByKey('sale', [bad ?? ''])).toEqual([]);
  expect(await only(bench.person, 'sale', good ?? '')).toMatchObject({ state: 'quotation' });
  expect(await exceptions()).toEqual([[bad, 'refused', words]]);
  expect(await load(bench, ref, 'order')).toEqual(['done']);
  expect(await only(bench.person, 'sale', bad ?? '')).toMatchObject({ state: 'quotation' });
  expect(await exceptions()).toEqual([]);
});

test('a draft that can neither be quoted nor deleted is owned, is an exception in the words of the target, and is completed once it can', async () => {
  const number = newNumber();
  await stageOrder(number);
  await bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, ...notToday });
  await bench.fault({ match: { bodyIncludes: 'sale.sale.delete' }, ...notToday });
  expect(await load(bench, ref, 'order')).toEqual(['done']);
  const draft = await only(bench.person, 'sale', number);
  expect(draft.state).toBe('draft');
  expect(await exceptions()).toEqual([[number, 'refused', words]]);
  const { scope } = await bench.ledger.runs.get(ref.run);
  expect(await bench.ledger.crosswalk.bySource(scope ?? '', 'order', [number])).toMatchObject([{ targetId: draft.id, origin: 'created' }]);
  await bench.fault(null);
  expect(await load(bench, ref, 'order')).toEqual(['done']);
  expect(await only(bench.person, 'sale', number)).toMatchObject({ id: draft.id, state: 'quotation' });
  expect(await exceptions()).toEqual([]);
  expect(await load(bench, ref, 'order')).toEqual([]);
});
