import type { Client } from 'pg';
import type { LocalPostgres } from '../../dev/postgres.ts';
import { askDatabase, asUser, withConnection } from '../../dev/sql.ts';
import { createCopy } from '../../dev/template.ts';
import { accountAt, fieldNames, keyOf } from '../accounts.ts';
import { contactAt } from '../contacts.ts';

/** The few customers who move in waves of their own behind the gate at which a round ends; no plan is without them. */
export const customers = { pilot: ['PILOT'], wave: ['EAST', 'WEST'] } as const;

const user = 'bench_runner';
const password = 'bench-runner-local';
const rowsAtOnce = 2_000;

/** A column of the legacy table for each field of the target. */
export function columnOf(field: (typeof fieldNames)[number]): string {
  return field.toLowerCase();
}

/** How many records legacy has. */
export interface SourceSizes {
  readonly companies: number;
  readonly contacts: number;
}

/** Makes a legacy database with so many records, as a copy of one that was made before; returns the runner's address. */
export async function createSource(postgres: LocalPostgres, name: string, { companies, contacts }: SourceSizes): Promise<string> {
  const key = `bench source ${String(companies)} ${String(contacts)}`;
  await createCopy(postgres, name, { key, fill: (url) => fillSource(url, { companies, contacts }) });
  // Rights on a database are not copied with it.
  await askDatabase(postgres.url(name), [`grant create on database "${name}" to ${user}`]);
  return asUser(postgres.url(name), user, password);
}

async function fillSource(url: string, { companies, contacts }: SourceSizes): Promise<void> {
  await withConnection(url, async (client) => {
    const columns = fieldNames.map((field) => `${columnOf(field)} text not null`).join(', ');
    await client.query(`
      do $$ begin if not exists (select from pg_roles where rolname = '${user}') then create role ${user} login password '${password}'; end if; end $$;
      create table companies (key text primary key, ${columns});
      create table customers (key text primary key, name text not null);
      grant usage on schema public to ${user};
      grant select, trigger on companies, customers to ${user}`);
    await client.query('insert into customers (key, name) select key, key from unnest($1::text[]) key', [Object.values(customers).flat()]);
    await insert(client, 'companies', companies, companyAt);
    if (contacts > 0) await insertContacts(client, contacts);
    await client.query('analyze');
  });
}

/** A table that a plan does not name must not be there. */
async function insertContacts(client: Client, count: number): Promise<void> {
  await client.query(`
    create table contacts (key text primary key, company text not null, last_name text not null, company_name text not null, phone text not null);
    grant select, trigger on contacts to ${user}`);
  await insert(client, 'contacts', count, contactAt);
}

function companyAt(n: number): unknown {
  const account = accountAt(n);
  return { key: keyOf(n), ...Object.fromEntries(fieldNames.map((field) => [columnOf(field), account[field]])) };
}

async function insert(client: Client, table: string, count: number, rowAt: (n: number) => unknown): Promise<void> {
  for (let from = 0; from < count; from += rowsAtOnce) {
    const rows = Array.from({ length: Math.min(rowsAtOnce, count - from) }, (_, index) => rowAt(from + index));
    await client.query(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1)`, [JSON.stringify(rows)]);
  }
}
