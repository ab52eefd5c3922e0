import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Breach } from '../../contracts/activities.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { booksGuard } from '../../activities/guards/watch-books.ts';
import { freezeName } from '../../activities/waves/freeze.ts';
import { inLegacy } from '../support/arena/people.ts';
import { startBench, type Bench } from './bench.ts';

let bench: Bench;
let pilot: WaveRef;

beforeAll(async () => {
  bench = await startBench();
  pilot = await bench.bringIn('pilot');
  await bench.act.freezeWave(pilot);
  await asAdmin('create schema kept; create table kept.freeze as table cutover.freeze');
});
afterAll(() => bench.stop());

const asAdmin = (statement: string): ReturnType<typeof inLegacy> => inLegacy(bench.business, 'admin', statement);

/** Whether a user of legacy may write to the rows of an account: asked of legacy itself. */
async function writing(table: string, account = 'ALFKI'): Promise<'passes' | 'is refused'> {
  try {
    await inLegacy(bench.business, 'app', `update ${table} set customer_id = customer_id where customer_id = '${account}'`);
    return 'passes';
  } catch (error) {
    expect(String(error)).toMatch(/closed for changes|moved to the new system for good/);
    return 'is refused';
  }
}

/** One look of the watcher, as far as it concerns what legacy holds. */
const look = async (): Promise<readonly Breach[]> => (await bench.act.judgeGuards(bench.ref)).filter(({ guard }) => guard === booksGuard);

/** Reasons of the guard's holds that stand. */
async function held(): Promise<readonly string[]> {
  const { holds } = await bench.ledger.holds.standing(bench.ref.run);
  return holds.filter(({ reason }) => reason.startsWith(booksGuard)).map(({ reason }) => reason);
}

async function resume(): Promise<void> {
  const { holds } = await bench.ledger.holds.standing(bench.ref.run);
  await bench.ledger.holds.lift(
    bench.ref.run,
    holds.map(({ number }) => number),
    'request',
  );
}

const restoreRows = 'delete from cutover.freeze; insert into cutover.freeze select * from kept.freeze';
const dropped = 'trigger zz_cutover_guard on table orders is missing';
const switchedOff = 'trigger zz_cutover_guard on table customers is switched off';

/** What somebody with all rights does behind our back, the table that is open then, and how he mends it. */
const deeds = [
  {
    deed: 'the row of an account is deleted',
    remove: `delete from cutover.freeze where account = 'ALFKI'`,
    table: 'customers',
    mend: restoreRows,
    names: 'ALFKI',
  },
  {
    deed: 'the row of an account is let lapse',
    remove: `update cutover.freeze set sealed = false, lease_until = now() where account = 'ALFKI'`,
    table: 'customers',
    mend: restoreRows,
    names: 'ALFKI',
  },
  { deed: 'a trigger is dropped', remove: 'drop trigger zz_cutover_guard on orders', table: 'orders', mend: null, names: dropped },
  {
    deed: 'a trigger is switched off',
    remove: 'alter table customers disable trigger zz_cutover_guard',
    table: 'customers',
    mend: 'alter table customers enable trigger zz_cutover_guard',
    names: switchedOff,
  },
] as const;

/** The statement that makes our guard on a table again. */
async function triggerOn(table: string): Promise<string> {
  const [row] = await asAdmin(
    `select pg_get_triggerdef(oid) as text from pg_trigger where tgrelid = '${table}'::regclass and tgname = 'zz_cutover_guard'`,
  );
  return String(row?.['text']);
}

async function seeAndMend({ remove, table, mend, names }: (typeof deeds)[number]): Promise<void> {
  const again = mend ?? (await triggerOn(table));
  expect([await look(), await held(), await writing(table)]).toEqual([[], [], 'is refused']);
  await asAdmin(remove);
  expect(await writing(table)).toBe('passes');
  const [breach, ...more] = await look();
  expect(more).toEqual([]);
  expect(breach).toMatchObject({ wave: 'pilot', attempt: 1, answer: 'pause', reason: expect.stringContaining(names) as unknown });
  expect(await held()).toEqual([expect.stringContaining(names)]);
  expect(await look()).toEqual([breach]);
  expect(await held()).toHaveLength(1);

  await asAdmin(again);
  await resume();
  expect([await look(), await held(), await writing(table)]).toEqual([[], [], 'is refused']);
  expect(await bench.ledger.guards.verdict(bench.ref.run, booksGuard, 'pilot', 1)).toMatchObject({ verdict: 'pass' });
}

test.each(deeds)('during a freeze the run is held when $deed, and passes once that is mended and the run resumed', seeAndMend, 60_000);

test('accounts that the wave itself is opening are no breach', async () => {
  const { source } = await bench.deps.systems(bench.ref);
  const order = await bench.ledger.acts.allow(pilot, 'release');
  if (order === null) throw new Error('the release was not allowed');
  await source.thaw(['RATTC'], { wave: freezeName(pilot), ...order });
  expect(await writing('customers', 'RATTC')).toBe('passes');
  expect([await look(), await held()]).toEqual([[], []]);
});

test('a wave that nobody touched switches without a breach', async () => {
  await bench.switchOver(pilot);
  await asAdmin('drop table kept.freeze; create table kept.freeze as table cutover.freeze');
  expect([await look(), await held()]).toEqual([[], []]);
  expect(await asAdmin('select account from cutover.freeze where sealed order by account')).toHaveLength(3);
}, 60_000);

test.each(deeds)('after the switch the run is held when $deed, and passes once that is mended and the run resumed', seeAndMend, 60_000);

test('what a person accepted with a resume holds the run no second time, and another deed does', async () => {
  await asAdmin(`delete from cutover.freeze where account = 'ALFKI'`);
  expect(await look()).toHaveLength(1);
  await resume();
  expect([await look(), await held()]).toEqual([[], []]);
  await asAdmin(`delete from cutover.freeze where account = 'ERNSH'`);
  expect(await look()).toMatchObject([{ reason: expect.stringContaining('2 accounts have no seal (ALFKI, ERNSH)') as unknown }]);
  await asAdmin(restoreRows);
  await resume();
});

test('the whole of our schema gone is a breach, not a question that legacy did not answer', async () => {
  expect(await look()).toEqual([]);
  await asAdmin('drop schema cutover cascade');
  expect(await writing('orders')).toBe('passes');
  expect(await look()).toMatchObject([{ reason: expect.stringContaining('3 accounts have no seal (ALFKI, ERNSH, RATTC)') as unknown }]);
  expect(await held()).toHaveLength(1);
});
