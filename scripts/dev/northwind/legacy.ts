import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import { refusedStatement, serverStatements } from '../dump.ts';
import type { LocalPostgres } from '../postgres.ts';
import { asUser, askDatabase, withConnection } from '../sql.ts';
import { createCopy } from '../template.ts';
import { emailOf, readNorthwind, tableNames, text } from './records.ts';
import type { Northwind, NorthwindRecord, TableName } from './records.ts';

/** Addresses of the seeded database for its two users. */
export interface LegacyUrls {
  /** The users of the legacy ERP: they read and write every table. */
  readonly app: string;
  /** The runner, with the rights it needs and no others. */
  readonly runner: string;
}

export interface LegacyOptions {
  /** Seed only these customers with all their orders; products, employees and codes are always whole. */
  readonly customers?: readonly string[];
  readonly passwords: { readonly app: string; readonly runner: string };
}

/** Tables whose rows move or are frozen with their account: the runner puts triggers on these. */
const watchedTables = ['customers', 'orders', 'order_details', 'products'];
const northAmerica = new Set(['USA', 'Canada', 'Mexico']);

/** Builds the legacy ERP in an empty database, entered as its administrator, and makes its two users. */
export async function seedLegacy(adminUrl: string, options: LegacyOptions): Promise<LegacyUrls> {
  await withConnection(adminUrl, (client) => fillLegacy(client, options));
  return legacyUrls(adminUrl, options.passwords);
}

/** The same over a connection. What the sample does not record follows the rules in examples/northwind/README.md. */
export async function fillLegacy(client: Client, options: LegacyOptions): Promise<void> {
  const northwind = await readNorthwind(options.customers);
  await client.query('begin');
  await client.query(await readFile(new URL('../../../examples/northwind/legacy.sql', import.meta.url), 'utf8'));
  for (const table of tableNames) await insert(client, table, completed(northwind, table));
  await client.query('commit');
  await makeUsers(client, options.passwords, watchedTables.join(', '));
  await client.query(`analyze ${tableNames.join(', ')}`);
}

/** Makes a legacy ERP as a copy of one that was built before on this server with the same options. */
export async function copyLegacy(postgres: LocalPostgres, name: string, options: LegacyOptions): Promise<LegacyUrls> {
  await createCopy(postgres, name, {
    key: `legacy ${JSON.stringify(options)}`,
    fill: async (adminUrl) => {
      await seedLegacy(adminUrl, options);
    },
  });
  // Rights on a database are not copied with it.
  await askDatabase(postgres.url(name), [`grant create on database "${name}" to cutover_runner`]);
  return legacyUrls(postgres.url(name), options.passwords);
}

/** Makes a legacy ERP of the statements of somebody's own `legacy.sql`, run as the administrator, with its two users; throws where they are refused. */
export async function ownLegacy(
  postgres: LocalPostgres,
  name: string,
  statements: string,
  passwords: LegacyOptions['passwords'],
): Promise<LegacyUrls> {
  const own = serverStatements(statements, 'legacy.sql');
  await postgres.createDatabase(name);
  await withConnection(postgres.url(name), (client) => client.query(own)).catch((error: unknown) => {
    throw refusedStatement(error, own, 'legacy.sql');
  });
  // A dump leaves its session with an empty search path.
  await withConnection(postgres.url(name), async (client) => {
    await makeUsers(client, passwords, 'all tables in schema public');
    await client.query('analyze');
  });
  return legacyUrls(postgres.url(name), passwords);
}

function legacyUrls(adminUrl: string, passwords: LegacyOptions['passwords']): LegacyUrls {
  return { app: asUser(adminUrl, 'legacy_app', passwords.app), runner: asUser(adminUrl, 'cutover_runner', passwords.runner) };
}

async function insert(client: Client, table: TableName, records: readonly NorthwindRecord[]): Promise<void> {
  const columns = Object.keys(records[0] ?? {}).join(', ');
  if (columns === '') return;
  await client.query(`insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1)`, [
    JSON.stringify(records),
  ]);
}

/** The records with what Northwind lacks. */
function completed(northwind: Northwind, table: TableName): readonly NorthwindRecord[] {
  const records = northwind[table];
  if (table === 'employees') return records.map((employee) => ({ ...employee, email: emailOf(employee) }));
  if (table === 'customers')
    return records.map((customer) => ({ ...customer, terms_code: northAmerica.has(text(customer, 'country')) ? 'NET30' : 'NET60' }));
  if (table !== 'orders') return records;
  const untaxed = records.filter((order) => order.shipped_date !== null).map((order) => Number(order.order_id));
  const without = String(Math.min(...untaxed));
  return records.map((order) => ({
    ...order,
    tax_code: order.order_id === without ? null : order.ship_country === 'USA' ? 'GOODS' : 'EXPORT',
    freight_tax_code: order.ship_country === 'USA' ? 'FREIGHT' : 'EXPORT',
  }));
}

/** `watched` names the tables on which the runner may put triggers. */
async function makeUsers(client: Client, passwords: LegacyOptions['passwords'], watched: string): Promise<void> {
  const { rows } = await client.query<{ database: string }>('select current_database() as database');
  const database = client.escapeIdentifier(rows[0]?.database ?? '');
  await makeUser(client, 'legacy_app', passwords.app);
  await makeUser(client, 'cutover_runner', passwords.runner);
  await client.query(`
    grant select, insert, update, delete on all tables in schema public to legacy_app;
    grant usage on schema public to legacy_app, cutover_runner;
    grant select on all tables in schema public to cutover_runner;
    grant trigger on ${watched} to cutover_runner;
    grant create on database ${database} to cutover_runner;
  `);
}

async function makeUser(client: Client, name: string, password: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  await client.query(
    `${rowCount === 0 ? 'create' : 'alter'} role ${name} login nosuperuser nocreatedb nocreaterole password ${client.escapeLiteral(password)}`,
  );
}
