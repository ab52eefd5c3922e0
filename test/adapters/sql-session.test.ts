import { expect } from 'vitest';
import { openDatabase } from '../../adapters/sql/database.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { legacyPlan, nextOrder, twoAccounts } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';
import { wireTo } from './sql-wire.ts';

const test = onEveryPostgres(async (server) => {
  const legacy = await twoAccounts(server);
  const database = openDatabase({ system: 'erp', values: { url: legacy.runnerUrl }, callTimeoutMs: 2_000 }, ['public']);
  return {
    ...legacy,
    server,
    database,
    stop: async () => {
      await database.dispose();
      await legacy.stop();
    },
  };
});

/** Something between a client and the server that drops this statement from what the client sends. */
function swallowing(server: number, statement: string): ReturnType<typeof wireTo> {
  // As long as it was: the message says its length.
  return wireTo(server, (chunk) => Buffer.from(chunk.toString('latin1').replace(statement, ' '.repeat(statement.length)), 'latin1'));
}

/** What a connection has that lost its own settings on the way: those of the role, of the database or of the last user of the session. */
const foreignSettings = {
  timezone: 'America/New_York',
  datestyle: 'German',
  intervalstyle: 'iso_8601',
  bytea_output: 'escape',
  extra_float_digits: '-5',
  standard_conforming_strings: 'off',
  row_security: 'on',
  search_path: 'nowhere',
  lock_timeout: '0',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};

test('whatever settings a session comes with, a transaction has ours', async ({ port, owner, database }) => {
  for (const [name, value] of Object.entries(foreignSettings)) await owner.query(`alter role cutover_runner set ${name} = '${value}'`);
  try {
    const seen: Record<string, string | undefined> = {};
    for (const name of Object.keys(foreignSettings))
      seen[name] = (await database.run<{ value: string }>('settings', 'select current_setting($1) as value', [name]))[0]?.value;
    expect(seen).toEqual({
      timezone: 'UTC',
      datestyle: 'ISO, YMD',
      intervalstyle: 'postgres',
      bytea_output: 'hex',
      extra_float_digits: '1',
      standard_conforming_strings: 'on',
      row_security: 'off',
      search_path: 'public, pg_temp',
      lock_timeout: '2s',
      statement_timeout: '3s',
      idle_in_transaction_session_timeout: '2s',
    });
    const { rows } = await port.read('openOrder', { after: null, limit: 1, accounts: ['ERNSH'] });
    expect(rows[0]?.fields).toMatchObject({ order_date: '1998-04-08' });
  } finally {
    await owner.query('alter role cutover_runner reset all');
  }
});

test('where a pooler swallows the settings of a transaction, nothing is read and the sentence says what to use', async ({ runnerUrl }) => {
  const pooler = await swallowing(Number(new URL(runnerUrl).port), 'set local row_security = off;');
  const through = new URL(runnerUrl);
  through.port = String(pooler.port);
  const pooled = openDatabase({ system: 'erp', values: { url: through.href }, callTimeoutMs: 2_000 }, ['public']);
  try {
    await expect(pooled.run('read', 'select 1')).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('use a pooler that keeps a transaction on one server session'),
    });
  } finally {
    await pooled.dispose();
    pooler.close();
  }
});

test('rows that a policy hides make a read fail and preflight says so; they are never left out in silence', async ({ port, owner }) => {
  await owner.query('alter table customers enable row level security');
  await expect(port.read('customer', { after: null, limit: 10, accounts: null })).rejects.toMatchObject({ kind: 'auth' });
  expect((await port.probe()).problems).toEqual([expect.stringContaining('row security of table customers')]);
});

test('a server that takes no writes for a while is unavailable, and its connection is not used again', async ({
  port,
  owner,
  database,
}) => {
  const serverOf = async (): Promise<unknown> => (await database.run('pid', 'select pg_backend_pid() as pid'))[0]?.pid;
  await port.install(nextOrder());
  const before = await serverOf();
  const takesWrites = async (setting: string): Promise<void> => {
    await owner.query(setting);
    await owner.query('select pg_reload_conf()');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  };
  await owner.query('set default_transaction_read_only = off');
  await takesWrites('alter system set default_transaction_read_only = on');
  try {
    await expect(database.run('write', 'update cutover.gate set closings = closings + 1')).rejects.toMatchObject({ kind: 'unavailable' });
  } finally {
    await takesWrites('alter system reset default_transaction_read_only');
  }
  expect(await serverOf()).not.toBe(before);
  await database.run('write', 'update cutover.gate set closings = closings + 1');
});

test('a database that lets nobody in is unavailable, in its own words, and is used again as soon as it does', async ({
  server,
  owner,
  runnerUrl,
  database,
}) => {
  const name = new URL(runnerUrl).pathname.slice(1);
  const allow = (isAllowed: boolean): Promise<unknown> =>
    askDatabase(server.url('postgres'), [`alter database "${name}" with allow_connections ${String(isAllowed)}`]);
  await database.run('before', 'select 1');
  await allow(false);
  await owner.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'cutover_runner' and datname = current_database()`,
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await expect(database.run('during', 'select 1')).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringMatching(/^erp: .*is not currently accepting connections.*; have its administrator let the runner in$/),
  });
  await allow(true);
  await database.run('after', 'select 1');
});

test('a query of the plan that writes is the plan’s fault, not the server’s', async ({ database }) => {
  await expect(database.snapshot('read', (run) => run('create temporary table t as select 1 as one'))).rejects.toMatchObject({
    kind: 'invalidData',
  });
});

test('a connection that an administrator ends in mid-transaction fails that call alone: the process and later calls go on', async ({
  owner,
  database,
}) => {
  const cut = database.transaction('cut', async (run) => {
    const [row] = await run<{ pid: number }>('select pg_backend_pid() as pid');
    await owner.query('select pg_terminate_backend($1, 5000)', [row?.pid]);
    // The server's last word arrives while nobody asks anything of the connection.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await run('select 1');
  });
  await expect(cut).rejects.toMatchObject({ kind: 'unavailable', unknownOutcome: true });
  await database.run('later', 'select 1');
});

test('a client that sleeps in a transaction for too long loses the call and not the process', async ({ database }) => {
  const slept = database.transaction('sleep', async (run) => {
    await run('select 1');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await run('select 1');
  });
  await expect(slept).rejects.toMatchObject({ kind: 'unavailable' });
  await database.run('later', 'select 1');
});

test('a connection that is ended in the middle of a statement is unavailable, with its outcome unknown', async ({ owner, database }) => {
  const ended = expect(database.run('sleep', 'select pg_sleep(1.9)')).rejects.toMatchObject({
    kind: 'unavailable',
    unknownOutcome: true,
  });
  const terminate = `select pg_terminate_backend(pid) from pg_stat_activity
    where usename = 'cutover_runner' and state = 'active' and query like 'select pg_sleep%'`;
  while ((await owner.query(terminate)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await ended;
});

test('a plan whose tables are in another schema is read there', async ({ owner, open }) => {
  await owner.query(`create schema erp; create table erp.things (id int primary key); insert into erp.things values (7);
    grant usage on schema erp to cutover_runner; grant select on erp.things to cutover_runner`);
  const port = open({
    ...legacyPlan,
    schema: 'erp',
    tables: { things: { disposition: 'move' } },
    queries: { thing: { sql: 'select id from things', key: 'id', account: null, tables: ['things'] } },
  });
  expect((await port.get('thing', ['7'])).map((row) => row.key)).toEqual(['7']);
});
