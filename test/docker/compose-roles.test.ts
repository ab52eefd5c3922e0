import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { migrate } from '../../ledger/database.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';

const file = join(import.meta.dirname, '..', '..', 'docker', 'postgres', 'roles.sql');

/** Stand for the environment variables that psql reads in the container. */
const passwords: Readonly<Record<string, string>> = { temporal_password: 'one', admin_password: 'two', runner_password: 'three' };

let server: LocalPostgres;

beforeAll(async () => {
  server = await startPostgres();
  const [roles = '', ledger = ''] = readFileSync(file, 'utf8').split('\\connect cutover');
  await run(server.url('postgres'), roles);
  await run(server.url('cutover'), ledger);
});

afterAll(() => server.stop());

/** Runs the statements of the file one by one, as psql does: without its own commands, with its variables in place. */
async function run(url: string, text: string): Promise<void> {
  const statements = text
    .replaceAll(/^(\\|--).*$/gm, '')
    .replaceAll(/:'(\w+)'/g, (_, name: string) => `'${passwords[name]!}'`)
    .split(';')
    .filter((statement) => statement.trim() !== '');
  await as(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

async function as<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const address = (role: string, password: string, database: string): string =>
  `postgresql://${role}:${password}@127.0.0.1:${String(server.port)}/${database}`;

test('the administrator of the ledger migrates it, and the workers can then only work with its rows', async () => {
  await migrate(address('cutover_admin', 'two', 'cutover'));
  await as(address('cutover', 'three', 'cutover'), async (client) => {
    await client.query(`insert into document (hash, kind, body) values ('hash', 'plan', '{}')`);
    await client.query(`insert into run (id, plan_hash, env_hash) values ('run', 'hash', 'hash')`);
    await client.query(`insert into audit_event (run, kind) values ('run', 'phase')`);
    const { rows } = await client.query<{ kind: string }>('select kind from audit_event');
    expect(rows).toEqual([{ kind: 'phase' }]);
    for (const statement of ['create table own (a int)', 'drop table run', 'alter table run add other int', 'truncate audit_event']) {
      await expect(client.query(statement)).rejects.toThrow(/permission denied|must be owner/);
    }
  });
});

test('Temporal makes tables and extensions in its own databases, and cannot enter the ledger', async () => {
  for (const database of ['temporal', 'temporal_visibility']) {
    await as(address('temporal', 'one', database), async (client) => {
      await client.query('create extension btree_gin');
      await client.query('create table namespaces (id int)');
    });
  }
  await expect(as(address('temporal', 'one', 'cutover'), () => Promise.resolve())).rejects.toThrow(/permission denied/);
  await expect(as(address('cutover', 'three', 'temporal'), () => Promise.resolve())).rejects.toThrow(/permission denied/);
});
