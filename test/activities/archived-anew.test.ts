import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedWave, type RunRef } from '../../contracts/messages.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { inLegacy } from '../support/arena/people.ts';
import type { SmallPlanChanges } from '../support/small-plan.ts';
import { broughtIn, endBack, nextRun, startBench, type Bench } from './bench.ts';

let bench: Bench;

/** A business for some tests. */
function useBench(changes: SmallPlanChanges = {}): void {
  beforeAll(async () => {
    bench = await startBench({ waves: 2, ...changes });
  });
  afterAll(() => bench.stop());
}

/** Orders of the pilot's accounts that are finished: one that legacy changes, one that it opens again, one that it deletes. */
const [changed, opened, deleted] = ['10643', '10692', '10702'];

/** What lies in the archive's folder of one order, copy by copy: its freight. */
async function copiesOf(key: string): Promise<readonly unknown[]> {
  const folder = join(bench.business.archive, 'parts');
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  const rows = texts
    .flatMap((text) => text.trim().split('\n'))
    .map((line) => JSON.parse(line) as { key: string; fields: { freight: string } });
  return rows.filter((row) => row.key === key).map(({ fields }) => fields.freight);
}

/** The plan whose archived orders carry the name of their shipper, from a table that all accounts share. */
function withShipper(plan: Record<string, unknown>): void {
  const { legacy } = plan['systems'] as { readonly legacy: { readonly queries: Record<string, { sql: string }> } };
  const query = legacy.queries['shippedOrders'];
  if (query === undefined) throw new Error('the plan archives no shipped orders');
  query.sql = query.sql.replace(
    'o.ship_name,',
    'o.ship_name, (select company_name from shippers s where s.shipper_id = o.ship_via) as shipper,',
  );
}

/** The folder of the archive becomes another one, with nothing in it. */
async function emptied(): Promise<void> {
  for (const folder of ['parts', 'manifest']) await rm(join(bench.business.archive, folder), { recursive: true, force: true });
}

const shutAt = async ({ act }: Bench, ref: RunRef, gate: 'baseline' | 'close'): Promise<readonly string[]> =>
  (await act.openGate({ ...ref, gate, kind: gate, wave: sharedWave })).shut;
const noticesAt = async ({ ledger, ref }: Bench, gate: string): Promise<readonly string[]> =>
  (await ledger.gates.latest(ref.run, gate))?.notices ?? [];

describe('runs of one business, each after the one before', () => {
  useBench();

  test('what a worker of the release before had archived is archived again only where it changed, and in another folder all of it is', async () => {
    await askDatabase(bench.business.ledgerUrl, ['update archived_key set hash = null']);
    const pilot = await bench.bringIn('pilot');
    const parts = async (): Promise<number> => (await readdir(join(bench.business.archive, 'parts'))).length;
    const first = await parts();
    await bench.act.stageDelta(pilot);
    expect(await parts()).toBe(first);
    await askDatabase(bench.business.ledgerUrl, ['update archived_key set hash = null']);
    await inLegacy(bench.business, 'admin', `update orders set freight = freight + 1 where order_id = ${changed}`);
    await bench.act.stageDelta(pilot);
    expect([await parts(), (await copiesOf(changed)).length, (await copiesOf(opened)).length]).toEqual([first + 1, 2, 1]);
    await endBack(bench, ['pilot']);
    await emptied();
    bench = await nextRun(bench, 2);
    expect([(await copiesOf(changed)).length, (await copiesOf(opened)).length]).toEqual([1, 1]);
  });

  test('finished orders that legacy changed, opened again and deleted between two runs keep no gate of the second shut, and the newest copy is in the archive', async () => {
    await bench.bringIn('pilot');
    expect(await endBack(bench, ['pilot'])).toContain('rolled back');
    const [before] = await copiesOf(changed);
    await inLegacy(bench.business, 'admin', `update orders set freight = freight + 1 where order_id = ${changed}`);
    await inLegacy(bench.business, 'admin', `update orders set shipped_date = null where order_id = ${opened}`);
    await inLegacy(bench.business, 'admin', `delete from order_details where order_id = ${deleted}`);
    await inLegacy(bench.business, 'admin', `delete from orders where order_id = ${deleted}`);
    const second = await nextRun(bench, 3);
    expect(await copiesOf(changed)).toEqual(expect.arrayContaining([before, (Number(before) + 1).toFixed(2)]));
    expect(await copiesOf(changed)).toHaveLength(2);
    for (const wave of ['pilot', 'east']) await second.switchOver(await second.bringIn(wave));
    expect(await shutAt(second, second.ref, 'close')).toEqual([]);
    expect(await second.act.endRun(second.ref, 'closed')).toContain('closed');
  });
});

describe('attempts of one run', () => {
  useBench();

  test('a finished order that changes while a run is under way is archived anew by the delta of its wave, as often as it changes', async () => {
    const pilot = await broughtIn(bench, 'pilot');
    const freight = async (by: number): Promise<void> => {
      await inLegacy(bench.business, 'admin', `update orders set freight = freight + ${String(by)} where order_id = ${changed}`);
      await bench.act.stageDelta(pilot);
    };
    expect(await shutAt(bench, bench.ref, 'baseline')).toEqual([]);
    for (const by of [1, -1, 1, 0]) await freight(by);
    const [, newest] = await copiesOf(changed);
    expect(newest).toBeDefined();
    await bench.switchOver(pilot);
    await bench.switchOver(await broughtIn(bench, 'east'));
    expect(await shutAt(bench, bench.ref, 'close')).toEqual([]);
  });

  test('a delta in another folder archives what it reads, though a worker of the release before had archived it in the first', async () => {
    const pilot = await broughtIn(bench, 'pilot');
    await askDatabase(bench.business.ledgerUrl, ['update archived_key set hash = null']);
    await emptied();
    await bench.act.stageDelta(pilot);
    expect([(await copiesOf(changed)).length, (await copiesOf(opened)).length]).toEqual([1, 1]);
    await bench.switchOver(pilot);
    await emptied();
    await shutAt(bench, bench.ref, 'baseline');
    expect(await noticesAt(bench, 'baseline')).toContainEqual(
      expect.stringMatching(/finished records of order are not in the archive as they stand in legacy/),
    );
  });
});

describe('where the plan archives what all accounts share', () => {
  useBench({ plan: withShipper });

  test('a finished order that is not in the archive as it stands is named at the baseline already, and at the close with what is to be done', async () => {
    const change = (order: string): Promise<unknown> =>
      inLegacy(bench.business, 'admin', `update orders set freight = freight + 1 where order_id = ${order}`);
    await change(changed);
    expect(await shutAt(bench, bench.ref, 'baseline')).toEqual([]);
    expect(await noticesAt(bench, 'baseline')).toContainEqual(
      expect.stringMatching(/^1 finished records of order are not in the archive as they stand in legacy: 10643\. The next delta/),
    );
    for (const wave of ['pilot', 'east']) await bench.switchOver(await bench.bringIn(wave));
    expect(await shutAt(bench, bench.ref, 'close')).toEqual([]);
    // What is no account's own may change at any time: no finished order has changed by that.
    await inLegacy(bench.business, 'admin', `update shippers set company_name = company_name || ' and Sons'`);
    expect(await shutAt(bench, bench.ref, 'close')).toEqual([]);
    await inLegacy(bench.business, 'admin', 'alter table orders disable trigger zz_cutover_guard');
    await change(opened);
    await inLegacy(bench.business, 'admin', 'alter table orders enable always trigger zz_cutover_guard');
    const shut = await shutAt(bench, bench.ref, 'close');
    expect(shut).toContainEqual(expect.stringMatching(/^unexplained is .*order: 1 records \(10692\)/));
    expect((await noticesAt(bench, 'close')).join()).toMatch(
      /of order are not .*: 10692\..* put the record back as it was, or take its wave back/,
    );
    await bench.takeBack(bench.wave('pilot'));
    await bench.act.finishUndo(bench.wave('pilot'));
    const again = bench.wave('pilot', 2);
    await bench.act.beginAttempt(again);
    await bench.switchOver(await bench.bringIn('pilot', 2));
    expect(await shutAt(bench, bench.ref, 'close')).toEqual([]);
  });
});
