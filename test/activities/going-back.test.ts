import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedWave } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { exportedParts, type ExportedRow } from '../support/arena/archive.ts';
import { erpTable } from '../support/arena/people.ts';
import type { SmallPlanChanges } from '../support/small-plan.ts';
import { startBench, type Bench } from './bench.ts';
import { takeOrder } from './orders.ts';

let bench: Bench;

/** A business for some tests, each of which takes another wave back. */
function useBench(changes: SmallPlanChanges = {}): void {
  beforeAll(async () => {
    bench = await startBench(changes);
  });
  afterAll(() => bench.stop());
}

/** What lies in the archive for entry in legacy beside these parts, part by part. */
async function exportedBeside(before: readonly (readonly ExportedRow[])[]): Promise<readonly (readonly ExportedRow[])[]> {
  const known = new Set(before.map((rows) => JSON.stringify(rows)));
  return (await exportedParts(bench.business)).filter((rows) => !known.has(JSON.stringify(rows)));
}
/** The documents in these parts, one list of ids for each. */
const keysOf = (parts: readonly (readonly ExportedRow[])[]): readonly (readonly string[])[] =>
  parts.map((rows) => rows.map(({ key }) => key));

describe('new business in the target', () => {
  useBench();

  test('orders that come in at every stage of a rollback are each exported once, whatever dies between, and its price counts them before', async () => {
    const before = await exportedParts(bench.business);
    const exported = async () => keysOf(await exportedBeside(before));
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
    expect(await bench.act.exportNewBusiness(pilot)).toBe(0);
    expect(await exported()).toEqual([[String(first)]]);
    const second = await takeOrder(person, 'RATTC', 'PHONE-2');
    await bench.takeBack(pilot);
    const third = await takeOrder(person, 'ERNSH', 'PHONE-3');
    expect(await bench.act.exportNewBusiness(pilot)).toBe(1);
    expect(await bench.act.exportNewBusiness(pilot)).toBe(0);
    expect(await exported()).toEqual([[String(first)], [String(second)], [String(third)]]);
    expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
    const open = (await bench.ledger.exceptions.openOf(pilot.run, 'pilot')).filter(({ kind }) => kind === 'newBusiness');
    expect(open.map(({ sourceId }) => Number(sourceId))).toEqual([first, second, third]);
    expect(open[0]?.message).toMatch(
      /unless legacy has it already, .* before its account switches again, cancel what stands in the new system, or it is there twice/,
    );
  });

  test.each([
    [0, 'east', 'LINOD'],
    [600_000, 'west', 'BONAP'],
  ])(
    'a new customer and its order, and edits of what was moved, are exported in the order of entry, with the target’s clock %i ms ahead',
    async (clockOffsetMs, name, account) => {
      const before = await exportedParts(bench.business);
      const seed = { method: 'POST', body: JSON.stringify({ clockOffsetMs }) };
      expect((await fetch(`${bench.business.erp.url}/_sandbox/seed`, seed)).ok).toBe(true);
      const person = await ErpPerson.enter(bench.business.erp);
      const wave = await bench.bringIn(name);
      // From before the switch: it is none of the switch's business.
      await person.call('party.party.create', [{ code: `EARLY-${name}`, name: 'Was there already' }]);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await bench.switchOver(wave);
      const address = [['create', [{ street: 'Markt 1', city: 'Ulm' }]]];
      const [customer = 0] = (await person.call('party.party.create', [
        { code: `NEW-${name}`, name: 'New customer', addresses: address },
      ])) as number[];
      const order = await takeOrder(person, `NEW-${name}`, 'PHONE-NEW');
      const cancelled = await takeOrder(person, `NEW-${name}`, 'PHONE-OFF');
      await person.call('sale.sale.cancel', [cancelled]);
      const [edited = 0] = await person.search('party.party', [['code', '=', account]]);
      const [place = 0] = await person.search('party.address', [['party', '=', edited]]);
      await person.call('party.address.write', [place], { city: 'Moved away' });
      await bench.takeBack(wave);
      expect(await bench.act.finishUndo(wave)).toMatchObject({ state: 'rolledBackWithExceptions' });
      const open = (await bench.ledger.exceptions.openOf(wave.run, name)).filter(({ kind }) => kind === 'newBusiness');
      expect(open.map(({ object, sourceId, account }) => [object, Number(sourceId), account]).sort()).toEqual(
        [
          ['party', edited, account],
          ['party', customer, null],
          ['sale', order, null],
        ].sort(),
      );
      const parts = await exportedBeside(before);
      expect(keysOf(parts)).toEqual([[String(edited), String(customer), String(order)]]);
      const rows = parts.flat();
      expect(rows.map(({ fields }) => [fields['object'], fields['change'], fields['rekeyedAs']])).toEqual([
        ['party', 'changed', null],
        ['party', 'created', null],
        ['sale', 'created', null],
      ]);
      expect(rows[2]?.fields).toMatchObject({ reference: 'PHONE-NEW', party: String(customer) });
      const left = (await erpTable(bench.business, 'party.party')).map(({ code }) => code);
      expect(left).toEqual(expect.arrayContaining([`NEW-${name}`, `EARLY-${name}`]));
    },
  );
});

describe('a product of the target', () => {
  useBench({
    plan: (plan) => {
      const { legacy } = plan['systems'] as { readonly legacy: { readonly queries: { readonly products: { sql: string } } } };
      legacy.queries.products.sql = legacy.queries.products.sql.replace(`'service', false`, `'service', true`);
    },
  });

  test('a product that was there before us, and that we retired, is active again when the run is taken back', async () => {
    const shared = bench.wave(sharedWave);
    const isActive = async (): Promise<unknown> => {
      const product = (await erpTable(bench.business, 'product.product')).find(({ code }) => code === 'FREIGHT');
      return (product?.['template.'] as { readonly active: unknown } | undefined)?.active;
    };
    expect(await isActive()).toBe(true);
    // The range is cleared when every wave is switched.
    await askDatabase(bench.business.ledgerUrl, [`update wave set state = 'switched' where name <> '${sharedWave}'`]);
    for (const lane of await bench.act.retireRecords(shared))
      expect(await bench.act.switchLane(shared, lane)).toMatchObject({ end: 'done' });
    expect(await isActive()).toBe(false);
    await bench.takeBack(shared);
    expect(await isActive()).toBe(true);
    expect(await bench.act.finishUndo(shared)).toMatchObject({ state: 'rolledBack' });
  });
});
