import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { Systems } from '../../activities/deps.ts';
import { openGate } from '../../activities/gates/gate.ts';
import { exportAll } from '../../activities/run/export.ts';
import { recordProblems } from '../../activities/run/preflight-records.ts';
import { resumable } from '../../activities/tries.ts';
import { compareBooks } from '../../activities/verify/compare.ts';
import { BudgetWait } from '../../contracts/calls.ts';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { inLegacy } from '../support/arena/people.ts';
import { inTry } from './alone.ts';
import { endBack, startBench, type Bench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ waves: 2 });
}, 60_000);
afterAll(() => bench.stop());

/** Pages that were read, and the call of the activity whose tries read them. */
let pages: string[] = [];
let call = '';
/** How often the source was asked for records by their keys, whose search no index serves. */
let asked = 0;
/** All that was told to Temporal. */
let heard: string[] = [];
beforeEach(() => {
  begin();
});

/** Begins another call of an activity. */
function begin(): void {
  [pages, call, asked, heard] = [[], randomUUID(), 0, []];
}

/** The systems of the run, read in pages of so many rows; the source fails for good behind so many of them. */
async function systems(limit: number, failsBehind: number, failure: Error = new Error('the worker died')): Promise<Systems> {
  const known = await bench.deps.systems(bench.ref);
  const read: Systems['source']['read'] = (query, page) => {
    if (pages.length >= failsBehind) return Promise.reject(failure);
    pages.push(`${query} behind ${page.after ?? 'nothing'}`);
    return known.source.read(query, { ...page, limit });
  };
  const get: Systems['source']['get'] = (query, keys) => {
    asked += 1;
    return known.source.get(query, keys);
  };
  const source = { ...known.source, read, get };
  return { ...known, source };
}

/** One try of an activity, which goes on from where the one before came. */
function attempt<T>(number: number, work: () => Promise<T>): Promise<T> {
  return inTry(work, { attempt: number, activityId: call }, (details) => heard.push(JSON.stringify(details)));
}

/** Keys of the business's records that signs of life told. */
async function keysHeard(): Promise<readonly string[]> {
  const keys = await inLegacy(bench.business, 'admin', 'select customer_id as key from customers union select order_id::text from orders');
  return keys.map(({ key }) => JSON.stringify(key)).filter((key) => heard.some((details) => details.includes(key)));
}

async function check(number: number, failsBehind = Infinity): Promise<readonly string[]> {
  const sys = await systems(2, failsBehind);
  return attempt(number, () => resumable(bench.ledger, bench.ref, (tries) => recordProblems(sys, tries)));
}

test('a check of all records that dies again and again reads few pages twice, and comes to its end', async () => {
  expect(await check(1)).toEqual([]);
  const all = pages;
  expect(all.length).toBeGreaterThan(30);
  [pages, call] = [[], randomUUID()];
  let [tries, read] = [0, 0];
  for (let done = false; !done; tries += 1) {
    pages = [];
    done = await check(tries + 1, 12).then(
      () => true,
      () => false,
    );
    read += pages.length;
    expect(tries).toBeLessThan(all.length);
  }
  expect(tries).toBeGreaterThan(2);
  // What a try had noted last is at most two pages old.
  expect(read - all.length).toBeLessThan(tries * 3);
  expect(heard.length).toBeGreaterThan(10);
  expect(await keysHeard()).toEqual([]);
});

test('a problem that was found before the worker died is told by the try that comes to the end', async () => {
  await inLegacy(bench.business, 'admin', `update customers set company_name = '' where customer_id = 'BONAP'`);
  const problem = expect.stringMatching(/^customer BONAP: .*is empty/);
  expect(await check(1)).toContainEqual(problem);
  const { length } = pages;
  [pages, call] = [[], randomUUID()];
  await expect(check(1, length - 1)).rejects.toThrow('the worker died');
  pages = [];
  expect(await check(2)).toContainEqual(problem);
  expect(pages.length).toBeLessThan(length);
  await inLegacy(bench.business, 'admin', `update customers set company_name = 'Bon app' where customer_id = 'BONAP'`);
});

test('keys with blanks that are spelled so everywhere cost one question a page, and a try that died is gone on with behind them', async () => {
  const admin = (sql: string): Promise<unknown> => inLegacy(bench.business, 'admin', sql);
  await admin('alter table customers drop constraint customers_terms_code_fkey');
  await admin(`insert into terms_codes select 'T' || n, 'Term ' || n from generate_series(1, 60) n`);
  await admin(`update terms_codes set code = code || ' '`);
  await admin(`update customers set terms_code = terms_code || ' '`);
  expect(await check(1)).toEqual([]);
  const all = pages;
  expect(asked).toBeGreaterThan(0);
  // Of each page of terms once, and hardly ever of a page that refers to them.
  expect(asked).toBeLessThan(all.filter((page) => page.startsWith('terms')).length + 10);

  await admin(`update customers set terms_code = trim(terms_code) where customer_id = 'ERNSH'`);
  [pages, call] = [[], randomUUID()];
  const orders = all.findIndex((page) => page.startsWith('openOrders'));
  await expect(check(1, orders)).rejects.toThrow('the worker died');
  pages = [];
  expect(await check(2)).toEqual([expect.stringMatching(/^order 11008, 11072: NET60 is no terms, and differs from "NET60 " by blanks/)]);
  const own = pages.filter((page) => !page.startsWith('terms') && !page.startsWith('openOrders'));
  expect(own.length).toBeLessThan(4);

  await admin(`insert into terms_codes select trim(code), 'Twin of ' || trim(code) from terms_codes where code like 'T%'`);
  [pages, call, asked] = [[], randomUUID(), 0];
  const problems = await check(1);
  expect(problems.filter((problem) => problem.includes('differs from T'))).toHaveLength(20);
  expect(problems).toContainEqual(
    expect.stringMatching(/^terms .* and 20 more: may be spelled as another record is, .*; mend these first/),
  );
  expect(asked).toBeLessThan(60);
  await admin(`delete from terms_codes where code like 'T%'`);
  await admin('update terms_codes set code = trim(code)');
  await admin('update customers set terms_code = trim(terms_code)');
});

/** One try of the comparison of east, whose source fails for good behind so many pages. */
async function compare(number: number, failsBehind = Infinity, failure?: Error): ReturnType<ReturnType<typeof compareBooks>> {
  const sys = await systems(1, failsBehind, failure);
  return attempt(number, () => compareBooks({ ...bench.deps, systems: () => Promise.resolve(sys) })(bench.wave('east')));
}

test('a comparison of the two books whose worker died goes on behind what it had compared, and says the same as one that did not', async () => {
  const east = await bench.bringIn('east');
  await inLegacy(bench.business, 'admin', `update customers set phone = '555-0100' where customer_id = 'SIMOB'`);
  await bench.act.stageDelta(east);
  const whole = await compare(1);
  const stored = await compared(east);
  expect(whole.differing).toBeGreaterThan(0);
  const { length } = pages;
  expect(length).toBeGreaterThan(12);

  [pages, call] = [[], randomUUID()];
  await expect(compare(1, length - 1)).rejects.toThrow('the worker died');
  pages = [];
  expect(await compare(2)).toEqual(whole);
  expect(pages.length).toBeLessThan(length / 2);
  expect(heard.length).toBeGreaterThan(10);
  expect(await keysHeard()).toEqual([]);
  expect(await compared(east)).toEqual(stored);
  expect((await bench.ledger.comparisons.all(east.run, 'east', 1)).total).toBe(whole.compared);
});

test('a comparison that is gone on with later than comparisons are made begins anew: what was read then says nothing about now', async () => {
  await compare(1);
  const { length } = pages;
  [pages, call] = [[], randomUUID()];
  await expect(compare(1, length - 1)).rejects.toThrow('the worker died');
  await askDatabase(bench.business.ledgerUrl, [`update place set at = at - interval '1 hour'`]);
  pages = [];
  await compare(2);
  expect(pages).toHaveLength(length);
});

test('a comparison that waits for the budget of a system is gone on with by the next call for it, as long as what was read is young enough', async () => {
  const wait = new BudgetWait('erp: 100 % of 100 calls in 1 h used', 'erp', 1_000);
  const whole = await compare(1);
  const { length } = pages;
  begin();
  await expect(compare(1, length - 1, wait)).rejects.toThrow(wait);
  begin();
  expect(await compare(1)).toEqual(whole);
  expect(pages.length).toBeLessThan(length / 2);
  begin();
  await expect(compare(1, length - 1, wait)).rejects.toThrow(wait);
  await askDatabase(bench.business.ledgerUrl, [`update place set at = at - interval '1 hour'`]);
  begin();
  await compare(1);
  expect(pages).toHaveLength(length);
});

test('a gate whose evidence meets a used up budget opens on what it had read and on the rest, with the same facts', async () => {
  const call = { ...bench.wave('east'), gate: gateNames.switch('east'), kind: 'switch' as const };
  const opened = async (number: number, failsBehind = Infinity) => {
    const sys = await systems(1, failsBehind, new BudgetWait('erp: not now', 'erp', 1_000));
    const { factsHash } = await attempt(number, () => openGate({ ...bench.deps, systems: () => Promise.resolve(sys) })(call));
    return factsHash;
  };
  const whole = await opened(1);
  const { length } = pages;
  begin();
  await expect(opened(1, length - 1)).rejects.toThrow('not now');
  begin();
  expect(await opened(1)).toBe(whole);
  expect(pages.length).toBeLessThan(length / 2);
  expect(await keysHeard()).toEqual([]);
});

test('an export whose worker died goes on behind the objects that it had read, and stages everything', async () => {
  const staged = (): Promise<readonly unknown[]> =>
    askDatabase(bench.business.ledgerUrl, ['select object, wave, count(*) from record where latest group by 1, 2 order by 1, 2']);
  const revisions = async (): Promise<number> => {
    const [rows] = await askDatabase(bench.business.ledgerUrl, [`select count(*)::int as count from record where source_id = '11072'`]);
    return Number(rows?.[0]?.['count']);
  };
  const [before, known] = [await staged(), await revisions()];
  await endBack(bench, ['east']);
  const ref = { ...bench.ref, run: bench.ref.run.replace(/1$/, '2') };
  await bench.act.openRun(ref);
  expect(await bench.act.preflight(ref)).toEqual([]);
  await bench.act.freezeConfiguration(ref);
  await inLegacy(bench.business, 'admin', `update orders set freight = freight + 1 where order_id = 11072`);
  const exported = async (number: number, failsBehind = Infinity) => {
    const sys = await systems(1_000, failsBehind);
    return attempt(number, () => exportAll({ ...bench.deps, systems: () => Promise.resolve(sys) })(ref));
  };
  begin();
  await expect(exported(1, 5)).rejects.toThrow('the worker died');
  const first = pages;
  pages = [];
  await exported(2);
  expect(first.filter((page) => pages.includes(page))).toEqual([]);
  expect(await staged()).toEqual(before);
  expect((await revisions()) - known).toBe(1);
});

/** What the ledger's tables hold of the last comparison. */
async function compared({ run, wave }: WaveRef): Promise<unknown> {
  const [rows] = await askDatabase(bench.business.ledgerUrl, [
    `select object, source_id, differences from comparison join sweep using (run, wave, attempt, object) where run = '${run}' and wave = '${wave}' and sweep = number order by 1, 2`,
  ]);
  return rows;
}
