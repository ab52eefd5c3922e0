import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRef } from '../../contracts/messages.ts';
import { contextOf } from '../../activities/deps.ts';
import { stageObject } from '../../activities/run/stage.ts';
import { inLegacy } from '../support/arena/people.ts';
import { inActivity } from './alone.ts';
import { startBench, storePlan, type Bench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

/** The parts of a plan that say what is read. */
interface Reading {
  readonly systems: {
    readonly legacy: { readonly tables: Record<string, Record<string, unknown>>; readonly queries: Record<string, { sql: string }> };
  };
  readonly archive: { object: string; query: string }[];
}
type Change = (plan: Reading) => void;

/** The SQL of a query put into another. */
const around =
  (name: string, sql: (own: string) => string): Change =>
  ({ systems }) => {
    const query = systems.legacy.queries[name];
    if (query) query.sql = sql(query.sql);
  };

/** The run with this change of its plan. */
async function runWith(change: Change): Promise<RunRef> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const plan = (shipped: unknown): void => {
    change(shipped as Reading);
  };
  const { planHash } = await storePlan(bench.ledger, folder, { plan }, 1);
  await rm(folder, { recursive: true, force: true });
  return { ...bench.ref, planHash };
}

/** What preflight says of the plan with this change. */
const problemsWith = async (change: Change): Promise<readonly string[]> => bench.act.preflight(await runWith(change));

test('an archive query that yields a key twice is refused before anything is read for good, with the query, the key and what to do', async () => {
  const problems = await problemsWith(
    around('shippedOrders', (sql) => `select * from (${sql}) a union all select * from (${sql}) b where key = '10258'`),
  );
  expect(problems).toEqual([
    'the archive of order has more than one record of key 10258, by query shippedOrders; let the SQL yield one row for each key, and each key in one query of order alone',
  ]);
});

test('two archive queries of one object that share keys are refused, the first keys by name and the others counted', async () => {
  const problems = await problemsWith(({ systems, archive }) => {
    systems.legacy.queries['again'] = {
      ...systems.legacy.queries['shippedOrders'],
      sql: systems.legacy.queries['shippedOrders']?.sql ?? '',
    };
    archive.push({ object: 'order', query: 'again' });
  });
  expect(problems).toEqual([
    expect.stringMatching(
      /^the archive of order has more than one record of key (\d{5}, ){19}\d{5} and \d+ more, by queries again, shippedOrders; /,
    ),
  ]);
});

test('a query of an object that yields a key twice is refused before anything is read for good, with the query and its keys', async () => {
  const twice = around('customers', (sql) => `select * from (${sql}) a union all select * from (${sql}) b where key in ('ALFKI', 'ERNSH')`);
  expect(await problemsWith(twice)).toEqual([
    'customer has more than one record of key ALFKI, ERNSH, by query customers; let the SQL yield one row for each key',
  ]);
});

test('a key that comes twice while the source is read for good is an error that names object and key', async () => {
  const ref = await runWith(
    around('customers', (sql) => `select * from (${sql}) a union all select * from (${sql}) b where key = 'ALFKI'`),
  );
  const context = await contextOf(bench.deps, ref);
  const customer = context.sys.plan.objects.find(({ name }) => name === 'customer');
  const staging = await bench.ledger.stagings.begin(bench.wave('pilot'));
  const again = inActivity(async () => stageObject(context, staging, customer!, ['ALFKI'], new Set()));
  await expect(again).rejects.toThrow(
    /^legacy has more than one record of key ALFKI of customer, by query customers; make them one there\./,
  );
});

test('a faulty query is a problem like any other, told once, with its name, the SQLSTATE and the column', async () => {
  const misspelled = around('customers', (sql) => `select q.*, q.telephone from (${sql}) q`);
  expect(await problemsWith(misspelled)).toEqual([
    'legacy: query customers was refused by the database with SQLSTATE 42703: column q.telephone does not exist; correct the query or table named in the plan',
  ]);
  const [text, ...others] = await problemsWith(around('openOrders', (sql) => `select q.*, (q.customer_id)::int as number from (${sql}) q`));
  expect([text, others]).toEqual([
    'legacy: query openOrders was refused by the database with SQLSTATE 22P02; correct the query or table named in the plan',
    [],
  ]);
});

test.each([
  ['a table', 'grant usage on schema aside to public', 'select 1 from aside.prices', 'table prices', 'select on prices'],
  ['a schema', '', 'select 1 from aside.prices', 'schema aside', 'usage on schema aside'],
  ['a function', 'grant usage on schema aside to public', 'select aside.rate()', 'function rate', 'execute on function rate'],
] as const)(
  'a query that lacks a right on %s is a problem like any other, with its name and the grant',
  async (_what, granted, asked, what, right) => {
    const admin = (sql: string): Promise<unknown> => inLegacy(bench.business, 'admin', sql);
    await admin(`create schema aside; create table aside.prices (price int);
    create function aside.rate() returns int language sql as $$ select 1 $$; revoke all on function aside.rate() from public; ${granted}`);
    expect(await problemsWith(around('customers', (sql) => `select q.* from (${sql}) q left join (${asked}) r on true`))).toEqual([
      `legacy: query customers was refused by the database with SQLSTATE 42501: permission denied for ${what}; have its owner run: grant ${right} to the runner's user`,
    ]);
    await admin('drop schema aside cascade');
  },
);

test('queries of several objects that are faulty are all told at once, those of matched objects and of the archive too', async () => {
  const problems = await problemsWith((plan) => {
    for (const name of ['taxes', 'products', 'shippedOrders']) around(name, (sql) => `select q.*, q.nothing from (${sql}) q`)(plan);
  });
  expect(problems.map((problem) => problem.replace(/ was refused.*/, ''))).toEqual(
    expect.arrayContaining(['legacy: query taxes', 'legacy: query products', 'legacy: query shippedOrders']),
  );
});

test('a table whose rows are to be counted by a key of several columns is refused, with what the plan can say instead', async () => {
  const problems = await problemsWith(({ systems }) => {
    delete systems.legacy.tables['order_details']?.['lines'];
    for (const name of ['openOrders', 'shippedOrders'])
      Object.assign(systems.legacy.queries[name] ?? {}, { tables: ['order_details', 'orders'] });
  });
  expect(problems).toEqual([
    'legacy: table order_details has no primary key of one column; say under systems.legacy.tables.order_details.key which expression gives the key its query yields',
  ]);
});
