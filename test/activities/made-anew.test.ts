import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { pilotOrders } from '../support/small-plan.ts';
import { anew, dying, endBack, startBench, type Bench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.stop());

/** Products of this code, by the target's own table. */
const products = async (code: string) => (await erpTable(bench.business, 'product.product')).filter((row) => row['code'] === code);
const parties = async (code: string) => (await erpTable(bench.business, 'party.party')).filter((row) => row['code'] === code);
const sales = async (reference: string) => (await erpTable(bench.business, 'sale.sale')).filter((row) => row['reference'] === reference);
const told = async () =>
  (await bench.ledger.exceptions.openOf(bench.ref.run)).map(({ kind, object, sourceId }) => `${kind} ${object} ${sourceId}`);
/** What a wave does before it loads. */
async function refreshShared(): Promise<number> {
  const shared = bench.wave(sharedWave);
  const changed = Number(await bench.act.stageDelta(shared, true));
  if (changed > 0) await bench.load(shared);
  return changed;
}

test('a product that somebody deletes in the target is made anew before a wave that needs it, once, and taken back with all others', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  const [first] = await products('P2');
  await person.call('product.template.delete', [first?.['template']]);
  expect(await products('P2')).toEqual([]);
  expect(await refreshShared()).toBe(1);
  expect(await products('P2')).toHaveLength(1);
  expect(await refreshShared()).toBe(0);
  await bench.bringIn('pilot');
  expect([(await sales('11072')).length, await told()]).toEqual([1, []]);
  expect(await endBack(bench, ['pilot'])).toBe('rolled back; legacy is the book again');
  expect(await products('P2')).toEqual([]);
});

test('a worker that dies before it makes it anew loses nothing and doubles nothing', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  const [first] = await products('P2');
  await person.call('product.template.delete', [first?.['template']]);
  const shared = bench.wave(sharedWave);
  const point = (name: string): void => {
    if (name === 'beforeIntent') throw new Error('killed');
  };
  const dead = dying(bench, { point });
  for (const lane of await dead.planLoad(shared, 'product')) await expect(dead.loadLane(shared, lane)).rejects.toThrow('killed');
  expect(await products('P2')).toEqual([]);
  await bench.load(shared);
  expect([(await products('P2')).length, await told()]).toEqual([1, []]);
});

test('one that a person keyed in again meanwhile is recognised instead, and stays when all is taken back', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  const [first] = await products('P2');
  await person.call('product.template.delete', [first?.['template']]);
  await person.call('product.template.create', [
    {
      ...{ name: first?.['template.name'] ?? 'Chef', type: 'goods', default_uom: 1, sale_uom: 1, salable: true },
      list_price: { __class__: 'Decimal', decimal: '22.00' },
      products: [['create', [{ suffix_code: 'P2' }]]],
    },
  ]);
  const [keyed] = await products('P2');
  expect(await refreshShared()).toBe(1);
  expect((await products('P2')).map(({ id }) => id)).toEqual([keyed?.['id']]);
  expect(await told()).toEqual([]);
  await endBack(bench, []);
  expect((await products('P2')).map(({ id }) => id)).toEqual([keyed?.['id']]);
});

test('what a rollback had to leave and somebody deleted since is made anew by the next attempt', async () => {
  const pilot = await bench.bringIn('pilot');
  const person = await ErpPerson.enter(bench.business.erp);
  const [party = 0] = await person.search('party.party', [['code', '=', 'ALFKI']]);
  await person.call('party.party.write', [party], { name: 'Alfreds, to be asked' });
  const second: WaveRef = await anew(bench, 'pilot');
  expect([second.attempt, await told()]).toEqual([pilot.attempt + 1, ['keptByRollback customer ALFKI']]);
  await person.call('party.party.delete', [party]);
  await bench.bringIn('pilot', second.attempt);
  expect((await parties('ALFKI')).length).toBe(1);
  expect((await told()).filter((text) => text.startsWith('gone'))).toEqual([]);
});

test('what somebody deletes within an attempt is an exception that says how to go on, and the next attempt makes it anew', async () => {
  const pilot = await bench.bringIn('pilot');
  const person = await ErpPerson.enter(bench.business.erp);
  const [party = 0] = await person.search('party.party', [['code', '=', 'ALFKI']]);
  await person.call('party.party.delete', [party]);
  await inLegacy(bench.business, 'admin', `update customers set phone = '030-1' where customer_id = 'ALFKI'`);
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  const [gone] = await bench.ledger.exceptions.openOf(pilot.run, 'pilot');
  expect(gone).toMatchObject({
    kind: 'goneFromTarget',
    sourceId: 'ALFKI',
    message: expect.stringContaining('take its wave back') as unknown,
  });
  const second = await anew(bench, 'pilot');
  await bench.bringIn('pilot', second.attempt);
  expect([(await parties('ALFKI')).length, await told()]).toEqual([1, []]);
});

test('nothing is made anew while the target hides what stands there from its user, whose company is another one now', async () => {
  const before = await erpTable(bench.business, 'product.product');
  const hiding =
    (facts: readonly string[]): Deps['systems'] =>
    async (ref) => {
      const own = await bench.deps.systems(ref);
      return {
        ...own,
        target: (name) => ({
          ...own.target(name),
          get: () => Promise.resolve([]),
          findByKey: () => Promise.resolve([]),
          fingerprint: async (objects) => [
            ...(await own.target(name).fingerprint(objects)).filter((line) => !line.startsWith('our company')),
            ...facts,
          ],
        }),
      };
    };
  const blind = dying(bench, { systems: hiding(['our company: 2']) });
  const shared = bench.wave(sharedWave);
  const lanes = await blind.planLoad(shared, 'product');
  expect(lanes).toHaveLength(1);
  for (const lane of lanes)
    await expect(blind.loadLane(shared, lane)).rejects.toThrow(
      /^erp shows (\d+) of \1 records of product no more, .*changed: our company: 2/,
    );
  expect(await erpTable(bench.business, 'product.product')).toEqual(before);
  await bench.load(shared);
  expect((await erpTable(bench.business, 'product.product')).length).toBe(before.length);
});

test('what people deleted is made anew also where that was all there is', async () => {
  await bench.bringIn('pilot');
  const person = await ErpPerson.enter(bench.business.erp);
  for (const order of pilotOrders)
    for (const { id } of await sales(order)) await person.call('sale.sale.write', [id], { comment: 'to be asked' });
  const second = await anew(bench, 'pilot');
  for (const order of pilotOrders)
    for (const { id } of await sales(order)) {
      await person.call('sale.sale.cancel', [id]);
      await person.call('sale.sale.delete', [id]);
    }
  await bench.bringIn('pilot', second.attempt);
  expect((await Promise.all(pilotOrders.map(sales))).map(({ length }) => length)).toEqual([1, 1, 1]);
});

test('what an earlier run left and this one met and did not write is made anew by its next attempt, once somebody has deleted it', async () => {
  await bench.bringIn('pilot');
  const { run, wave } = bench.wave('pilot');
  await askDatabase(bench.business.ledgerUrl, [
    `insert into run (id, plan_hash, env_hash, scope, state, phase) select 'cutover/earlier/1', plan_hash, env_hash, null, 'closed', 'ended' from run where id = '${run}'`,
    `update effect set run = 'cutover/earlier/1' where run = '${run}' and wave = '${wave}' and object = 'order'`,
  ]);
  const second = await anew(bench, 'pilot');
  const person = await ErpPerson.enter(bench.business.erp);
  const left = await sales('11072');
  expect(left).toHaveLength(1);
  await person.call('sale.sale.cancel', [left[0]?.['id']]);
  await person.call('sale.sale.delete', [left[0]?.['id']]);
  await bench.bringIn('pilot', second.attempt);
  expect((await sales('11072')).length).toBe(1);
});
