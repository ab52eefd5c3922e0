import { afterEach, expect, test } from '@jest/globals';
import { sharedWave } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { exportedParts } from '../support/arena/archive.ts';
import { erpTable } from '../support/arena/people.ts';
import { startBench, type Bench } from './bench.ts';
import { takeOrder } from './orders.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** The documents that lie in the archive for entry in legacy, one list of ids for each part. */
const exported = async (): Promise<readonly (readonly string[])[]> =>
  (await exportedParts(bench.business)).map((rows) => rows.map(({ key }) => key));

test('orders that come in at every stage of a rollback are each exported once, whatever dies between, and its price counts them before', async () => {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  const price = async (): Promise<string> =>
    (await bench.ledger.goingBack.price(pilot.run, 'pilot', (await bench.deps.systems(pilot)).plan)).sentence;
  const loaded = await price();
  expect(await bench.act.probeWayBack(pilot)).toMatchObject({ end: 'done' });
  expect([loaded.startsWith('Going back undoes 6 effects'), await price()]).toEqual([true, loaded]);
  await bench.switchOver(pilot);
  // The target's clock is read from dates in whole seconds, so that it may be off by most of one.
  await askDatabase(bench.business.ledgerUrl, ['update run set target_skew_ms = 900']);
  const person = await ErpPerson.enter(bench.business.erp);
  expect(await price()).toContain('which nobody has counted yet');
  const first = await takeOrder(person, 'ERNSH', 'PHONE-1');
  await bench.act.judgeGuards(bench.ref);
  expect(await price()).toContain('asks people to enter 1 order again (counted at ');

  expect(await bench.act.exportNewBusiness(pilot)).toBe(1);
  await askDatabase(bench.business.ledgerUrl, [`delete from archived where object = 'new business'`]);
  expect(await bench.act.exportNewBusiness(pilot)).toBe(1);
  expect(await exported()).toEqual([[String(first)]]);
  const second = await takeOrder(person, 'RATTC', 'PHONE-2');
  await bench.takeBack(pilot);
  const third = await takeOrder(person, 'ERNSH', 'PHONE-3');
  expect(await bench.act.exportNewBusiness(pilot)).toBe(1);
  expect(await bench.act.exportNewBusiness(pilot)).toBe(0);
  expect(await exported()).toEqual([[String(first)], [String(second)], [String(third)]]);
  expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
  const open = (await bench.ledger.exceptions.openOf(pilot.run)).filter(({ kind }) => kind === 'newBusiness');
  expect(open.map(({ sourceId }) => Number(sourceId))).toEqual([first, second, third]);
});

test.each([0, 600_000])(
  'a new customer and its order, and edits of what was moved, are exported in the order of entry, with the target’s clock %i ms ahead',
  async (clockOffsetMs) => {
    bench = await startBench();
    const seed = { method: 'POST', body: JSON.stringify({ clockOffsetMs }) };
    expect((await fetch(`${bench.business.erp.url}/_sandbox/seed`, seed)).ok).toBe(true);
    const person = await ErpPerson.enter(bench.business.erp);
    const pilot = await bench.bringIn('pilot');
    // From before the switch: it is none of the switch's business.
    await person.call('party.party.create', [{ code: 'EARLY', name: 'Was there already' }]);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await bench.switchOver(pilot);
    const address = [['create', [{ street: 'Markt 1', city: 'Ulm' }]]];
    const [customer = 0] = (await person.call('party.party.create', [
      { code: 'NEW-1', name: 'New customer', addresses: address },
    ])) as number[];
    const order = await takeOrder(person, 'NEW-1', 'PHONE-NEW');
    const cancelled = await takeOrder(person, 'NEW-1', 'PHONE-OFF');
    await person.call('sale.sale.cancel', [cancelled]);
    const [edited = 0] = await person.search('party.party', [['code', '=', 'RATTC']]);
    const [place = 0] = await person.search('party.address', [['party', '=', edited]]);
    await person.call('party.address.write', [place], { city: 'Moved away' });
    await bench.takeBack(pilot);
    expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
    const open = (await bench.ledger.exceptions.openOf(pilot.run)).filter(({ kind }) => kind === 'newBusiness');
    expect(open.map(({ object, sourceId, account }) => [object, Number(sourceId), account]).sort()).toEqual(
      [
        ['party', edited, 'RATTC'],
        ['party', customer, null],
        ['sale', order, null],
      ].sort(),
    );
    expect(await exported()).toEqual([[String(edited), String(customer), String(order)]]);
    const rows = (await exportedParts(bench.business)).flat();
    expect(rows.map(({ fields }) => [fields['object'], fields['change'], fields['rekeyedAs']])).toEqual([
      ['party', 'changed', null],
      ['party', 'created', null],
      ['sale', 'created', null],
    ]);
    expect(rows[2]?.fields).toMatchObject({ reference: 'PHONE-NEW', party: String(customer) });
    const left = (await erpTable(bench.business, 'party.party')).map(({ code }) => code);
    expect(left).toEqual(expect.arrayContaining(['NEW-1', 'EARLY']));
  },
);

test('a product that was there before us, and that we retired, is active again when the run is taken back', async () => {
  bench = await startBench({
    plan: (plan) => {
      const { legacy } = plan['systems'] as { readonly legacy: { readonly queries: { readonly products: { sql: string } } } };
      legacy.queries.products.sql = legacy.queries.products.sql.replace(`'service', false`, `'service', true`);
    },
  });
  const shared = bench.wave(sharedWave);
  const isActive = async (): Promise<unknown> => {
    const product = (await erpTable(bench.business, 'product.product')).find(({ code }) => code === 'FREIGHT');
    return (product?.['template.'] as { readonly active: unknown }).active;
  };
  expect(await isActive()).toBe(true);
  // The range is cleared when every wave is switched.
  await askDatabase(bench.business.ledgerUrl, [`update wave set state = 'switched' where name <> '${sharedWave}'`]);
  for (const lane of await bench.act.retireRecords(shared)) expect(await bench.act.switchLane(shared, lane)).toMatchObject({ end: 'done' });
  expect(await isActive()).toBe(false);
  await bench.takeBack(shared);
  expect(await isActive()).toBe(true);
  expect(await bench.act.finishUndo(shared)).toMatchObject({ state: 'rolledBack' });
});
