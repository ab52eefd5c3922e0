import type { Fields } from '../../contracts/fields.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { SourceRow } from '../../contracts/source.ts';
import type { SourceQuery } from '../../domain/plan/systems.ts';
import { escapeIdentifier } from 'pg';
import type { Database } from './database.ts';

export interface Page {
  readonly after: string | null;
  readonly limit: number;
  readonly accounts: readonly string[] | null;
}

/**
 * One page of a configured query in the byte order of its keys (`collate "C"`, the same on every server).
 * The key is compared as text: for tables beyond a few hundred thousand rows let the query yield an indexed text key.
 */
export async function readPage(
  database: Database,
  query: SourceQuery,
  page: Page,
): Promise<{ readonly rows: readonly SourceRow[]; readonly next: string | null }> {
  const values: unknown[] = [page.limit];
  const conditions: string[] = [];
  if (page.after !== null) conditions.push(`${keyOf(query)} > $${String(values.push(page.after))}`);
  if (page.accounts !== null) conditions.push(`${accountOf(database, query)} = any($${String(values.push(page.accounts))}::text[])`);
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const sql = `select * from (${query.sql}) q ${where} order by ${keyOf(query)} limit $1`;
  const rows = await database.snapshot('read', (run) => run<Fields>(sql, values));
  const found = rows.map((row) => sourceRow(database, query, row));
  return { rows: found, next: found.length === page.limit ? (found.at(-1)?.key ?? null) : null };
}

/** Rows of a configured query by key; absent keys are left out. */
export async function readKeys(database: Database, query: SourceQuery, keys: readonly string[]): Promise<readonly SourceRow[]> {
  const sql = `select * from (${query.sql}) q where ${keyOf(query)} = any($1::text[]) order by ${keyOf(query)}`;
  const rows = await database.snapshot('get', (run) => run<Fields>(sql, [keys]));
  return rows.map((row) => sourceRow(database, query, row));
}

function keyOf(query: SourceQuery): string {
  return `q.${escapeIdentifier(query.key)}::text collate "C"`;
}

function accountOf(database: Database, query: SourceQuery): string {
  if (query.account !== null) return `q.${escapeIdentifier(query.account)}::text`;
  throw invalid(
    database,
    `the query keyed by ${query.key} names no account column, so it cannot be read account by account; give it one in the plan`,
  );
}

function sourceRow(database: Database, query: SourceQuery, fields: Fields): SourceRow {
  const key = fields[query.key];
  const account = query.account === null ? null : fields[query.account];
  if (typeof key !== 'string' || key === '')
    throw invalid(database, `the query yields a row without a value in its key column ${query.key}; leave such rows out in its SQL`);
  if (account !== null && typeof account !== 'string')
    throw invalid(database, `the query yields no text in its account column ${String(query.account)}; correct the column or its SQL`);
  return { key, account, fields };
}

function invalid(database: Database, sentence: string): AdapterError {
  return new AdapterError('invalidData', `${database.system}: ${sentence}`, { system: database.system, operation: 'read' });
}
