import { afterAll, beforeAll, expect, test } from 'vitest';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { openDatabase, type Database } from '../../ledger/database.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';

let postgres: LocalPostgres;
let db: Database;

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.createDatabase('ledger');
  await askDatabase(postgres.url('ledger'), ['create table fact (n int not null)']);
  db = openDatabase(postgres.url('ledger'), { connections: 2 });
});
afterAll(async () => {
  await db.destroy();
  await postgres.stop();
});

const facts = async (): Promise<number> =>
  Number((await askDatabase(postgres.url('ledger'), ['select count(*) as n from fact']))[0]?.[0]?.['n']);

test('a connection that the server ends in the middle of a transaction fails that transaction alone: the process and later ones go on', async () => {
  const cut = db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`insert into fact values (1) returning pg_backend_pid() as pid`.execute(tx);
    await askDatabase(postgres.url('ledger'), [`select pg_terminate_backend(${String(rows[0]?.pid)})`]);
    // The server's last word arrives while nobody asks anything of the connection.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await sql`insert into fact values (2)`.execute(tx);
  });
  await expect(cut).rejects.toThrow();
  expect(await facts()).toBe(0);
  await sql`insert into fact values (3)`.execute(db);
  expect(await facts()).toBe(1);
});

test('a client that sleeps in a transaction for longer than the ledger allows loses the transaction and not the process', async () => {
  const slept = db.transaction().execute(async (tx) => {
    await sql`insert into fact values (4)`.execute(tx);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await sql`insert into fact values (5)`.execute(tx);
  });
  await expect(slept).rejects.toThrow();
  await sql`insert into fact values (6)`.execute(db);
  expect(await facts()).toBe(2);
});

test('who has few connections waits for a slow statement for as long as it takes, and for a server that does not answer ten seconds', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = (silent.address() as AddressInfo).port;
  const one = openDatabase(postgres.url('ledger'), { connections: 1, isPatient: true });
  const lost = openDatabase(`postgresql://nobody:none@127.0.0.1:${String(address)}/ledger`, { connections: 1, isPatient: true });
  try {
    const [slow, next, unanswered] = await Promise.allSettled([
      sql`select pg_sleep(11)`.execute(one),
      sql<{ n: number }>`select 1 as n`.execute(one),
      sql`select 1`.execute(lost),
    ]);
    expect(slow).toMatchObject({ status: 'fulfilled' });
    expect(next).toMatchObject({ status: 'fulfilled', value: { rows: [{ n: 1 }] } });
    expect(unanswered).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('timeout') as unknown } });
  } finally {
    await one.destroy();
    await lost.destroy();
    silent.close();
  }
}, 30_000);
