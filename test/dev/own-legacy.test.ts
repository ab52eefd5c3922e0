import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSql } from '../../adapters/sql/source.ts';
import { sqlSystemSchema } from '../../domain/plan/systems.ts';
import { ownLegacy } from '../../scripts/dev/northwind/legacy.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { documentedStatements } from '../support/docs.ts';

let postgres: LocalPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** What `pg_dump --inserts --no-owner --no-privileges --schema=public` of PostgreSQL 18 writes, shortened. */
const dump = String.raw`--
-- PostgreSQL database dump
--

\restrict kq3m

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
SET row_security = off;

CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE TABLE public.customers (
    number text NOT NULL,
    note text
);

INSERT INTO public.customers VALUES ('90001', 'C:\temp');
INSERT INTO public.customers VALUES ('90002', 'It''s kept in
\\srv\share
\restrict to Mondays
CREATE SCHEMA public;
');

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (number);

\unrestrict kq3m
`;

/** A legacy system whose tables are in a schema of their own. */
const shop = sqlSystemSchema.parse({
  adapter: 'sql',
  rounding: 'halfUp',
  schema: 'shop',
  tables: { customers: { disposition: 'move', account: { column: 'number' } } },
  statuses: {},
  queries: { customer: { sql: 'select number from shop.customers', key: 'number', account: 'number', tables: ['customers'] } },
});
async function problemsAt(url: string): Promise<readonly string[]> {
  const port = createSql(shop, { system: 'legacy', values: { url }, callTimeoutMs: 10_000 });
  try {
    return (await port.probe()).problems;
  } finally {
    await port.dispose();
  }
}

// First, while the server has no such role.
test('the lines of the document give the runner what it needs in another schema than public, and without them the grant is named', async () => {
  const made = 'create schema shop; create table shop.customers (number text primary key);';
  const granting = documentedStatements().filter((statement) => /^(create role|grant) /.test(statement));
  expect(granting).toHaveLength(3);
  const { runner } = await ownLegacy(postgres, 'shop', `${made}\n${granting.join(';\n')};\n`, { app: 'app', runner: 'runner' });
  expect(await problemsAt(runner)).toEqual([]);
  const without = await ownLegacy(postgres, 'closed', made, { app: 'app', runner: 'runner' });
  await expect(problemsAt(without.runner)).rejects.toThrow(/grant usage on schema shop to the runner's user$/);
});

test('a dump becomes a legacy database in which its users and the runner have their rights, and no others', async () => {
  const { app, runner } = await ownLegacy(postgres, 'own', dump, { app: 'app', runner: 'runner' });
  expect(await askDatabase(app, [`update customers set note = 'x' where number = '90001' returning number`])).toEqual([
    [{ number: '90001' }],
  ]);
  expect(await askDatabase(runner, ["select number from customers where number = '90001'", 'create schema cutover'])).toEqual([
    [{ number: '90001' }],
    [],
  ]);
  await expect(askDatabase(runner, ['delete from customers'])).rejects.toThrow(/permission denied/);
});

test('lines within a value stay, though they look like those that are not for the server', async () => {
  const { app } = await ownLegacy(postgres, 'lines', dump, { app: 'app', runner: 'runner' });
  expect(await askDatabase(app, [`select note from customers where number = '90002'`])).toEqual([
    [{ note: "It's kept in\n\\\\srv\\share\n\\restrict to Mondays\nCREATE SCHEMA public;\n" }],
  ]);
});

test.each([
  [
    'a command of psql',
    'select 1;\n\\connect erp\n',
    /^legacy\.sql, line 2: \\connect is a command of psql, which is not used here; take the line out$/,
  ],
  [
    'rows as COPY',
    "\nCOPY public.customers (number) FROM stdin;\nO'Neil\n\\.\n",
    /^legacy\.sql, line 2: .* make the dump with pg_dump --inserts$/,
  ],
  [
    'a statement that the server refuses',
    "\\restrict x\nselect '\u{1f600}\u{1f600}\u{1f600}\u{1f600}';\nselec 1;\n",
    /^legacy\.sql, line 3: syntax error at or near "selec"; mend it there and start again$/,
  ],
])('%s is refused with its line', async (_, statements, words) => {
  await expect(ownLegacy(postgres, 'refused', statements, { app: 'app', runner: 'runner' })).rejects.toThrow(words);
});
