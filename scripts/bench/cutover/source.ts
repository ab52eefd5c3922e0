import type { Client } from 'pg';
import type { LocalPostgres } from '../../dev/postgres.ts';
import { askDatabase, asUser, withConnection } from '../../dev/sql.ts';
import { createCopy } from '../../dev/template.ts';
import { accountAt, fieldNames, keyOf } from '../accounts.ts';

/** The few customers who move in waves of their own behind the gate at which a round ends; no plan is without them. */
export const customers = { pilot: ['PILOT'], wave: ['EAST', 'WEST'] } as const;

const user = 'bench_runner';
const password = 'bench-runner-local';
const rowsAtOnce = 2_000;

/** A column of the legacy table for each field of the target. */
export function columnOf(field: (typeof fieldNames)[number]): string {
  return field.toLowerCase();
}

/** Makes a legacy database with so many companies, as a copy of one that was made before; returns the runner's address. */
export async function createSource(postgres: LocalPostgres, name: string, records: number): Promise<string> {
  await createCopy(postgres, name, { key: `bench source ${String(records)}`, fill: (url) => fillSource(url, records) });
  // Rights on a database are not copied with it.
  await askDatabase(postgres.url(name), [`grant create on database "${name}" to ${user}`]);
  return asUser(postgres.url(name), user, password);
}

async function fillSource(url: string, records: number): Promise<void> {
  await withConnection(url, async (client) => {
    const columns = fieldNames.map((field) => `${columnOf(field)} text not null`).join(', ');
    await client.query(`
      do $$ begin if not exists (select from pg_roles where rolname = '${user}') then create role ${user} login password '${password}'; end if; end $$;
      create table companies (key text primary key, ${columns});
      create table customers (key text primary key, name text not null);
      grant usage on schema public to ${user};
      grant select, trigger on companies, customers to ${user}`);
    await client.query('insert into customers (key, name) select key, key from unnest($1::text[]) key', [Object.values(customers).flat()]);
    await insertCompanies(client, records);
    await client.query('analyze');
  });
}

async function insertCompanies(client: Client, records: number): Promise<void> {
  for (let from = 0; from < records; from += rowsAtOnce) {
    const rows = Array.from({ length: Math.min(rowsAtOnce, records - from) }, (_, index) => {
      const account = accountAt(from + index);
      return { key: keyOf(from + index), ...Object.fromEntries(fieldNames.map((field) => [columnOf(field), account[field]])) };
    });
    await client.query('insert into companies select * from jsonb_populate_recordset(null::companies, $1)', [JSON.stringify(rows)]);
  }
}
