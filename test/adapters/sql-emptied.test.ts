import { expect } from 'vitest';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { emptyDatabase } from './sql-emptied.ts';
import { onEveryPostgres } from './sql-versions.ts';

const test = onEveryPostgres((server) => Promise.resolve({ server, stop: () => Promise.resolve() }));

test('the database of one test is empty for the next, with the schema and the rights of a new one', async ({ server }) => {
  const schema = `select nspname, nspowner::regrole::text as owner, nspacl::text from pg_namespace where nspname !~ '^pg_' order by 1`;
  const first = await emptyDatabase(server);
  await first.owner
    .query(`create extension citext; create schema other; create table other.kept (id int generated always as identity, name citext);
    create type colour as enum ('red'); create function one() returns int language sql as 'select 1'; create publication everything for all tables;
    alter default privileges in schema other grant select on tables to public; revoke all on schema public from public`);
  await first.leave();
  const second = await emptyDatabase(server);
  expect(second.name).toBe(first.name);
  const untouched = `fresh_${first.name}`;
  await server.createDatabase(untouched);
  const { rows } = await second.owner.query(schema);
  await second.owner.query(`drop schema public cascade`);
  await second.leave();
  expect(rows).toEqual((await askDatabase(server.url(untouched), [schema]))[0]);
  await askDatabase(server.url('postgres'), [`drop database ${untouched}`]);
});

test.each([
  ['select lo_create(0)'],
  ['create foreign data wrapper elsewhere'],
  [`do $$ begin execute format('alter database %I set work_mem = 1024', current_database()); end $$`],
])('one that cannot be emptied is not used again: %s', async ({ server }, left) => {
  const first = await emptyDatabase(server);
  await first.owner.query(left);
  await first.leave();
  const second = await emptyDatabase(server);
  await second.leave();
  expect(second.name).not.toBe(first.name);
});
