import type { Fields } from '../../contracts/fields.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { SourceRow } from '../../contracts/source.ts';
import type { SourceQuery, SqlSystem } from '../../domain/plan/systems.ts';
import type { IdentityKind } from './columns.ts';
import type { Database } from './database.ts';
import { accountIdentity, columnOf, inWrittenForm, writtenFormOfText } from './identity.ts';
import { keyOrder, orderedKey } from './key-order.ts';
import { reading } from './reading.ts';

/** A query with the name the plan gives it: errors tell it by that. */
export type NamedQuery = SourceQuery & { readonly name: string };

export interface Page {
  readonly after: string | null;
  readonly limit: number;
  readonly accounts: readonly string[] | null;
}

/** A row of the query with its key and account in the one form that all comparisons use. */
interface FormedRow extends Readonly<Record<string, unknown>> {
  readonly [formedKey]: string | null;
  readonly [formedAccount]: string | null;
}
const formedKey = 'cutover key';
const formedAccount = 'cutover account';

/**
 * One page of a configured query in the order of its keys (`keyOrder`). Where the query yields an indexed column as its key, all pages together cost
 * about what one read of the whole does. Accounts are handed over in their written form: PostgreSQL looks them up in a hash only where it knows them before.
 */
export async function readPage(
  database: Database,
  plan: SqlSystem,
  query: NamedQuery,
  page: Page,
): Promise<{ readonly rows: readonly SourceRow[]; readonly next: string | null }> {
  refuseWithoutAccount(database, query, page.accounts);
  const found = await reading(database, wordsFor([query]), plan, async (run, catalog) => {
    const { kind } = accountIdentity(catalog);
    const values: unknown[] = [page.limit];
    const conditions: string[] = [];
    const key = orderedKey(await keyOrder(run, catalog, query), query);
    if (page.after !== null) conditions.push(`${key} > $${String(values.push(page.after))}`);
    if (page.accounts !== null) {
      const written = await inWrittenForm(run, kind, page.accounts);
      conditions.push(`${accountOf(kind, query)} = any($${String(values.push(written))}::text[])`);
    }
    const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
    return run<FormedRow>(`${selectOf(kind, query)} ${where} order by ${key} limit $1`, values);
  });
  const rows = found.map((row) => sourceRow(database, query, row));
  return { rows, next: rows.length === page.limit ? (rows.at(-1)?.key ?? null) : null };
}

/** Rows of a configured query, of these accounts or (null) of all. */
export async function countRows(
  database: Database,
  plan: SqlSystem,
  query: NamedQuery,
  accounts: readonly string[] | null,
): Promise<number> {
  refuseWithoutAccount(database, query, accounts);
  const [counted] = await reading(database, wordsFor([query]), plan, async (run, catalog) => {
    const { kind } = accountIdentity(catalog);
    const values = accounts === null ? [] : [await inWrittenForm(run, kind, accounts)];
    const where = accounts === null ? '' : `where ${accountOf(kind, query)} = any($1::text[])`;
    return run<{ readonly rows: string }>(`select count(*)::text as rows from (${query.sql}) q ${where}`, values);
  });
  return Number(counted?.rows ?? 0);
}

function refuseWithoutAccount(database: Database, query: NamedQuery, accounts: readonly string[] | null): void {
  if (accounts !== null && query.account === null)
    throw invalid(
      database,
      `query ${query.name} names no account column, so it cannot be read account by account; give it one in the plan`,
    );
}

/** Rows of a configured query by key; absent keys are left out. */
export async function readKeys(
  database: Database,
  plan: SqlSystem,
  query: NamedQuery,
  keys: readonly string[],
): Promise<readonly SourceRow[]> {
  const rows = await reading(database, wordsFor([query]), plan, async (run, catalog) => {
    const { kind } = accountIdentity(catalog);
    return run<FormedRow>(`${selectOf(kind, query)} where ${keyOf(query)} = any($1::text[]) order by ${keyOf(query)}`, [keys]);
  });
  return rows.map((row) => sourceRow(database, query, row));
}

/** Keys that these queries together yield more than once: how many, the first 20 in the order of their bytes, and the queries that yield those. */
export async function doubledKeys(
  database: Database,
  plan: SqlSystem,
  queries: readonly NamedQuery[],
): Promise<{ readonly count: number; readonly keys: readonly string[]; readonly queries: readonly string[] }> {
  const each = queries.map((query, place) => `select $${String(place + 1)}::text as query, ${keyOf(query)} as key from (${query.sql}) q`);
  const rows = await reading(database, wordsFor(queries), plan, (run) =>
    run<{ readonly key: string; readonly queries: string; readonly count: string }>(
      `select key, array_to_json(array_agg(distinct query))::text as queries, (count(*) over ())::text as count from (${each.join(' union all ')}) yielded
       where key is not null group by key having count(*) > 1 order by key limit 20`,
      queries.map(({ name }) => name),
    ),
  );
  const found = new Set(rows.flatMap((row) => JSON.parse(row.queries) as readonly string[]));
  return { count: Number(rows[0]?.count ?? 0), keys: rows.map(({ key }) => key), queries: [...found] };
}

function selectOf(kind: IdentityKind, query: SourceQuery): string {
  const account = query.account === null ? 'null::text' : accountOf(kind, query);
  return `select q.*, ${keyOf(query)} as "${formedKey}", ${account} as "${formedAccount}" from (${query.sql}) q`;
}

function keyOf(query: SourceQuery): string {
  return `${columnOf('q', query.key)}::text collate "C"`;
}

/** The account of a row of a query, in its written form. */
export function accountOf(kind: IdentityKind, query: SourceQuery): string {
  return writtenFormOfText(kind, columnOf('q', query.account ?? ''));
}

function sourceRow(database: Database, query: NamedQuery, row: FormedRow): SourceRow {
  const { [formedKey]: key, [formedAccount]: account, ...fields } = row;
  if (key === null || key === '')
    throw invalid(
      database,
      `query ${query.name} yields a row without a value in its key column ${query.key}; leave such rows out in its SQL`,
    );
  if (query.account !== null && account === null)
    throw invalid(database, `query ${query.name} yields no text in its account column ${query.account}; correct the column or its SQL`);
  return { key, account, fields: fields as Fields };
}

/** How errors name what is read, whatever for: one fault of a query is told in the same words wherever it is met. */
export function wordsFor(queries: readonly NamedQuery[]): string {
  return `${queries.length === 1 ? 'query' : 'queries'} ${queries.map(({ name }) => name).join(', ')}`;
}

function invalid(database: Database, sentence: string): AdapterError {
  return new AdapterError('invalidData', `${database.system}: ${sentence}`, { system: database.system, operation: 'read' });
}
