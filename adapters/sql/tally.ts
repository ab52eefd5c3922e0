import { escapeIdentifier } from 'pg';
import { AdapterError } from '../../contracts/failures.ts';
import type { TableTally, TallyAsk } from '../../contracts/source.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { tableIn } from '../../domain/plan/table-name.ts';
import { accountPaths, type FoundAccounts } from './account-sql.ts';
import type { Catalog } from './catalog.ts';
import type { Database, Row, Run } from './database.ts';
import { accountIdentity, writtenAccounts } from './identity.ts';
import { reading } from './reading.ts';
import { qualified } from './relations.ts';

/** How many rows without an explanation are named; the others are only counted. */
const named = 20;

interface Found extends Row {
  readonly status: string | null;
  readonly currency: string | null;
  readonly rows: string;
  readonly missing: string;
  readonly keys: readonly string[] | null;
}

/** Counts tables from the tables themselves, all in one snapshot, whatever the plan's queries say. */
export async function tally(database: Database, plan: SqlSystem, asks: readonly TallyAsk[]): Promise<readonly (readonly TableTally[])[]> {
  const [first, ...others] = asks;
  const operation = first === undefined || others.length > 0 ? 'tally' : `tally of table ${first.table}`;
  return reading(database, operation, plan, async (run, catalog) => {
    const paths = await accountPaths(run, catalog);
    const all: (readonly TableTally[])[] = [];
    for (const ask of asks) all.push(await tallyTable(run, database, catalog, paths.get(ask.table), ask));
    return all;
  });
}

async function tallyTable(
  run: Run,
  database: Database,
  catalog: Catalog,
  path: FoundAccounts | undefined,
  ask: TallyAsk,
): Promise<readonly TableTally[]> {
  const { plan } = catalog;
  const table = plan.tables[ask.table];
  if (table === undefined) throw refusal(database, `the plan has no table ${ask.table}`);
  if (catalog.relation(ask.table) === undefined)
    throw refusal(database, `there is no table ${ask.table} in schema ${plan.schema}; correct the plan`);
  const money = Object.entries(table.money ?? {}).map(([name, sql], index) => ({ name, sql, column: `m${String(index)}` }));
  const values: unknown[] = [ask.statuses, ask.accounts];
  const missing = missingBy(ask, values);
  const rows = await run<Found>(
    `select status, currency, count(*) as rows, count(*) filter (where ${missing}) as missing,
       to_json((array_agg(key order by key collate "C") filter (where ${missing}))[1:${String(named)}]) as keys
       ${money.map(({ column }) => `, coalesce(sum(${column}), 0)::text as ${column}, coalesce(sum(${column}) filter (where ${missing}), 0)::text as l${column}`).join('')}
     from (
       select ${textOf(plan.statuses[ask.table]?.sql)} as status, ${textOf(table.currency)} as currency,
         ${keyOf(database, catalog, ask)} as key, ${'where' in ask.explained ? `(${ask.explained.where})` : 'null::boolean'} as explained
         ${money.map(({ sql, column }) => `, (${sql})::numeric as ${column}`).join('')}
       from ${qualified(plan.schema, ask.table)}
       where $2::text[] is null or ${accountIsAny(database, catalog, path, ask.table, '$2')}) q
     where $1::text[] is null or coalesce(status, 'null') = any($1) group by 1, 2 order by 1, 2`,
    values,
  );
  return rows.map((row) => {
    const amounts = (prefix: string): Readonly<Record<string, string>> =>
      Object.fromEntries(money.map(({ name, column }) => [name, String(row[prefix + column])]));
    return {
      table: ask.table,
      status: row.status,
      currency: row.currency,
      rows: Number(row.rows),
      money: amounts(''),
      missing: { rows: Number(row.missing), keys: row.keys ?? [], money: amounts('l') },
    };
  });
}

function textOf(sql: string | undefined): string {
  return sql === undefined ? 'null::text' : `(${sql})::text`;
}

/** When a row has no explanation; adds to `values` what the condition compares with. */
function missingBy({ explained }: TallyAsk, values: unknown[]): string {
  if ('where' in explained) return 'explained is not true';
  if ('all' in explained) return 'false';
  return `(key = any($${String(values.push(explained.keys))}::text[])) is not true`;
}

/**
 * The text that names a row: what the plan says, or the primary key. A key of several columns names a row, and can be compared with nothing: the
 * query would have to put it together in the same way.
 */
function keyOf(database: Database, catalog: Catalog, { table, explained }: TallyAsk): string {
  const key = catalog.plan.tables[table]?.key;
  if (key !== undefined) return `(${key})::text`;
  const columns = catalog.primaryKey(table);
  if ('keys' in explained && columns.length !== 1)
    throw refusal(
      database,
      `table ${table} has no primary key of one column; say under systems.${database.system}.tables.${table}.key which expression gives the key its query yields`,
    );
  return columns.length === 0 ? 'null::text' : columns.map((column) => `${escapeIdentifier(column)}::text`).join(` || '/' || `);
}

/** Whether the row is of one of these accounts, by the plan's path; rows of a table without one belong to no account. */
function accountIsAny(database: Database, catalog: Catalog, path: FoundAccounts | undefined, table: string, parameter: string): string {
  if (path === undefined) return 'false';
  if ('problems' in path) throw refusal(database, path.problems.join('; '));
  const row = escapeIdentifier(tableIn(catalog.plan.schema, table).table);
  const accounts = writtenAccounts(accountIdentity(catalog).kind, parameter);
  return `exists (select from (${path.sql.accounts(row)}) cutover_own (account) where cutover_own.account = any(${accounts}))`;
}

function refusal(database: Database, sentence: string): AdapterError {
  return new AdapterError('invalidData', `${database.system}: ${sentence}`, { system: database.system, operation: 'tally' });
}
