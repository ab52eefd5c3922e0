import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadStep } from '../../contracts/activities.ts';
import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { smallOrders } from '../support/small-plan.ts';
import { broughtIn, startBench, type Bench } from './bench.ts';
import { customersOf } from './outside.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

const references = async ({ wave }: WaveRef): Promise<readonly string[]> =>
  (await erpTable(bench.business, 'sale.sale'))
    .map(({ reference }) => String(reference))
    .filter((reference) => smallOrders[wave]?.includes(reference))
    .sort();
const open = async ({ run, wave }: WaveRef): Promise<readonly string[]> =>
  (await bench.ledger.exceptions.openOf(run, wave)).map(({ kind, object, sourceId }) => `${kind} ${object} ${sourceId}`);

test('a table that is truncated and loaded again deletes nothing: the delta waits until its rows are back, and says so', async () => {
  const pilot = await broughtIn(bench, 'pilot');
  const [before, parties] = [await references(pilot), await customersOf(bench, 'pilot')];
  expect([before.length > 0, parties.length]).toEqual([true, 3]);
  await inLegacy(bench.business, 'admin', 'create table set_aside as select * from orders');
  await inLegacy(bench.business, 'admin', 'create table details_set_aside as select * from order_details');
  await inLegacy(bench.business, 'admin', 'delete from order_details');
  await inLegacy(bench.business, 'admin', 'delete from orders');
  await expect(bench.act.stageDelta(pilot)).rejects.toThrow(/no longer shows 3 of the 3 records of query openOrders.*nothing was deleted/);
  await bench.load(pilot);
  expect(await references(pilot)).toEqual(before);
  expect(await open(pilot)).toEqual(['sourceVanished order openOrders']);
  await inLegacy(bench.business, 'admin', 'insert into orders select * from set_aside');
  await inLegacy(bench.business, 'admin', 'insert into order_details select * from details_set_aside');
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  expect([await references(pilot), await customersOf(bench, 'pilot'), await open(pilot)]).toEqual([before, parties, []]);
});

test('orders that were all shipped have not vanished: they leave the target for the archive, even where a worker died between archive and ledger', async () => {
  const pilot = await broughtIn(bench, 'pilot');
  const ship = (account: string): Promise<unknown> =>
    inLegacy(
      bench.business,
      'admin',
      `update orders set shipped_date = order_date where customer_id = '${account}' and shipped_date is null`,
    );
  const before = await references(pilot);
  const archived = async (): Promise<readonly string[]> =>
    (await askDatabase(bench.business.ledgerUrl, ['select unnest(keys) as key from archived']))[0]?.map(({ key }) => String(key)) ?? [];
  await ship('RATTC');
  await bench.act.stageDelta(pilot);
  await askDatabase(bench.business.ledgerUrl, [`delete from archived where at = (select max(at) from archived)`]);
  await ship('ERNSH');
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  expect([before.length, await references(pilot)]).toEqual([3, []]);
  expect(await customersOf(bench, 'pilot')).toHaveLength(3);
  expect((await archived()).filter((key) => before.includes(key)).sort()).toEqual(before);
});

test('a customer deleted in legacy with its orders leaves the target, its orders first', async () => {
  const east = await broughtIn(bench, 'east');
  const own = await inLegacy(
    bench.business,
    'admin',
    `select order_id::text as id from orders where customer_id = 'SIMOB' and shipped_date is null`,
  );
  expect(own.length).toBeGreaterThan(0);
  await inLegacy(
    bench.business,
    'admin',
    `delete from order_details where order_id in (select order_id from orders where customer_id = 'SIMOB')`,
  );
  await inLegacy(bench.business, 'admin', `delete from orders where customer_id = 'SIMOB'`);
  await inLegacy(bench.business, 'admin', `delete from customers where customer_id = 'SIMOB'`);
  await bench.act.stageDelta(east);
  await bench.load(east);
  expect(await customersOf(bench, 'east')).toEqual(['LINOD', 'RICSU']);
  expect((await references(east)).filter((reference) => own.some(({ id }) => id === reference))).toEqual([]);
  expect((await open(east)).filter((line) => line.includes(' customer '))).toEqual([]);
});

test('an order that could not be loaded, and is shipped in legacy instead of mended, keeps its account back no longer', async () => {
  const east = await broughtIn(bench, 'east');
  for (const statement of [
    `insert into products select (jsonb_populate_record(p, '{"product_id": 999, "product_name": "Unknown there"}')).* from products p where product_id = 1`,
    `insert into orders select (jsonb_populate_record(o, '{"order_id": 20001}')).* from orders o where order_id = 11075`,
    `insert into order_details select (jsonb_populate_record(d, '{"order_id": 20001, "product_id": 999}')).* from order_details d where order_id = 11075 limit 1`,
  ])
    await inLegacy(bench.business, 'admin', statement);
  await bench.act.stageDelta(east);
  await bench.load(east);
  expect((await open(east)).filter((line) => line.endsWith('20001'))).toEqual(['missingReference order 20001']);
  await inLegacy(bench.business, 'admin', `update orders set shipped_date = order_date where order_id = 20001`);
  await bench.act.stageDelta(east);
  await bench.load(east);
  expect((await open(east)).filter((line) => line.endsWith('20001'))).toEqual([]);
});

test('an order that somebody worked on in the target is not deleted with its legacy record, neither now nor by the next attempt, but listed', async () => {
  const west = await broughtIn(bench, 'west');
  const id = '11076';
  const person = await ErpPerson.enter(bench.business.erp);
  const [sale = 0] = await person.search('sale.sale', [['reference', '=', id]]);
  await person.call('sale.sale.write', [sale], { comment: 'promised for Friday' });
  await inLegacy(bench.business, 'admin', `delete from order_details where order_id = ${id}`);
  await inLegacy(bench.business, 'admin', `delete from orders where order_id = ${id}`);
  const kept = expect.objectContaining({ reference: id, comment: 'promised for Friday' }) as unknown;
  await bench.act.stageDelta(west);
  await bench.load(west);
  expect(await erpTable(bench.business, 'sale.sale')).toContainEqual(kept);
  expect(await open(west)).toEqual([`changedByPerson order ${id}`]);

  await bench.takeBack(west);
  await bench.act.finishUndo(west);
  expect(await references(west)).toEqual([id]);
  const again = bench.wave('west', west.attempt + 1);
  await bench.act.beginAttempt(again);
  await bench.bringIn('west', again.attempt);
  expect(await erpTable(bench.business, 'sale.sale')).toContainEqual(kept);
  expect(await open(west)).toContain(`changedByPerson order ${id}`);
});

test('a customer to whom somebody added an e-mail address, which the runner does not read, is not deleted with its legacy record, but listed', async () => {
  const east = await broughtIn(bench, 'east');
  const person = await ErpPerson.enter(bench.business.erp);
  const [party = 0] = await person.search('party.party', [['code', '=', 'LINOD']]);
  await person.call('party.party.write', [party], {
    contact_mechanisms: [['create', [{ type: 'email', value: 'felipe@linod.example' }]]],
  });
  const orders = `(select order_id from orders where customer_id = 'LINOD')`;
  for (const statement of [
    `delete from order_details where order_id in ${orders}`,
    `delete from orders where customer_id = 'LINOD'`,
    `delete from customers where customer_id = 'LINOD'`,
  ])
    await inLegacy(bench.business, 'admin', statement);
  await bench.act.stageDelta(east);
  await bench.load(east);
  const left = (await erpTable(bench.business, 'party.party')).filter(({ code }) => code === 'LINOD');
  expect(JSON.stringify(left)).toContain('felipe@linod.example');
  expect((await open(east)).filter((line) => line.includes(' customer '))).toEqual(['changedByPerson customer LINOD']);
});

test('a change of a shared record that no load carries asks for one load, and for none in each round after it', async () => {
  const shared = bench.wave(sharedWave);
  const { act } = bench;
  const loaded = async (): Promise<void> => {
    const { round } = await act.beginStep(shared, loadStep);
    await bench.load(shared);
    await act.endStep(shared, loadStep, round);
  };
  // What other tests have changed.
  await act.stageDelta(shared);
  await loaded();
  const due: unknown[] = [await act.stageDelta(shared)];
  await inLegacy(bench.business, 'admin', `update products set discontinued = not discontinued where product_id = 2`);
  due.push(await act.stageDelta(shared));
  await loaded();
  due.push(await act.stageDelta(shared));
  await inLegacy(bench.business, 'admin', `update products set product_name = 'Chang, large' where product_id = 2`);
  due.push(await act.stageDelta(shared));
  expect(due).toEqual([0, 1, 0, 1]);
});
