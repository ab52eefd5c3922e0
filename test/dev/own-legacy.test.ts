import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ownLegacy } from '../../scripts/dev/northwind/legacy.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';

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

CREATE TABLE public.customers (
    number text NOT NULL,
    note text
);

INSERT INTO public.customers VALUES ('90001', 'C:\temp');

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (number);

\unrestrict kq3m
`;

test('a dump becomes a legacy database in which its users and the runner have their rights, and no others', async () => {
  const { app, runner } = await ownLegacy(postgres, 'own', dump, { app: 'app', runner: 'runner' });
  expect(await askDatabase(app, [`update customers set note = 'x' where number = '90001' returning number`])).toEqual([
    [{ number: '90001' }],
  ]);
  expect(await askDatabase(runner, ['select number from customers', 'create schema cutover'])).toEqual([[{ number: '90001' }], []]);
  await expect(askDatabase(runner, ['delete from customers'])).rejects.toThrow(/permission denied/);
});
