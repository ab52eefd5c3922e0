import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { WaveRef } from '../../contracts/messages.ts';
import { load, only, startLoadBench, type LoadBench } from './load-bench.ts';
import { customerOfOrders, newNumber, stageFreight } from './orders.ts';

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
  customer = await customerOfOrders(bench, ref);
});

const stageOrder = (number: string): Promise<void> => stageFreight(bench, ref, customer, number);
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
