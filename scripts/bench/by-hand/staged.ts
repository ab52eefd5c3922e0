import type { LocalPostgres } from '../../dev/postgres.ts';
import { askDatabase, asUser, withConnection } from '../../dev/sql.ts';
import { createCopy } from '../../dev/template.ts';
import { accountAt, keyOf } from '../accounts.ts';

const user = 'bench_by_hand';
const password = 'bench-by-hand-local';
const rowsAtOnce = 5_000;

/** Makes a database with so many staged accounts and an empty crosswalk; returns its address for an ordinary user. */
export async function createStaged(postgres: LocalPostgres, name: string, records: number): Promise<string> {
  await createCopy(postgres, name, { key: `bench staged ${String(records)}`, fill: (url) => fill(url, records) });
  // Queues keep their own tables beside these. Rights on a database are not copied with it.
  await askDatabase(postgres.url(name), [`grant create on database "${name}" to ${user}`]);
  return asUser(postgres.url(name), user, password);
}

async function fill(url: string, records: number): Promise<void> {
  await withConnection(url, async (client) => {
    await client.query(`
      do $$ begin if not exists (select from pg_roles where rolname = '${user}') then create role ${user} login password '${password}'; end if; end $$;
      create table staged (n int primary key, key text not null unique, payload text not null);
      create table crosswalk (source_id text primary key, target_id text not null unique, hash text not null, at timestamptz not null default clock_timestamp());
      grant usage on schema public to ${user};
      grant select, insert, update, delete on all tables in schema public to ${user}`);
    for (let from = 0; from < records; from += rowsAtOnce) {
      const ns = Array.from({ length: Math.min(rowsAtOnce, records - from) }, (_, index) => from + index);
      await client.query('insert into staged (n, key, payload) select * from unnest($1::int[], $2::text[], $3::text[])', [
        ns,
        ns.map(keyOf),
        ns.map((n) => JSON.stringify(accountAt(n))),
      ]);
    }
    await client.query('analyze');
  });
}
