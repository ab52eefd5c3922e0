import { escapeIdentifier } from 'pg';
import type { AccountPath } from '../../domain/plan/systems.ts';
import { columnsOf } from '../../domain/plan/systems.ts';
import type { Catalog } from './catalog.ts';
import type { ColumnFacts } from './columns.ts';
import { incomparable, type Comparison } from './comparable.ts';
import type { Run } from './database.ts';
import { columnOf, writtenForm } from './identity.ts';
import { qualified } from './relations.ts';

/** SQL for the accounts of one row, and what is needed to find them. */
export interface AccountSql {
  /** A query of one column: the accounts of the row that `alias` stands for, none where the row belongs to nobody. */
  readonly accounts: (alias: string) => string;
  /** Whether the account is found through another table. */
  readonly lookup: boolean;
}

/** How a guard finds the accounts of a row, or sentences about why it cannot. */
export type FoundAccounts = { readonly sql: AccountSql } | { readonly problems: readonly string[] };

/** The same while the database was not asked yet whether two columns can be compared. */
type Candidate = FoundAccounts | { readonly comparison: Comparison; readonly found: (problems: readonly string[]) => FoundAccounts };

/** What was found by each catalog, since a catalog says the same however often it is asked. */
const lastPaths = new WeakMap<Catalog, ReadonlyMap<string, FoundAccounts>>();

/**
 * How the guards find the accounts of the rows of each table of the plan that has them, by the table's name. All comparisons are those of the
 * columns' own types, named with their schema, so that nothing in a search path can stand in for them.
 */
export async function accountPaths(run: Run, catalog: Catalog): Promise<ReadonlyMap<string, FoundAccounts>> {
  const asked = lastPaths.get(catalog);
  if (asked !== undefined) return asked;
  const candidates = Object.entries(catalog.plan.tables).flatMap(([name, { account }]) =>
    account === undefined ? [] : [[name, candidate(catalog, name, account)] as const],
  );
  const comparisons = candidates.flatMap(([, each]) => ('comparison' in each ? [each.comparison] : []));
  const problems = await incomparable(run, catalog.plan, comparisons);
  const paths = new Map(
    candidates.map(([name, each]) => [name, 'comparison' in each ? each.found(problems.get(each.comparison) ?? []) : each] as const),
  );
  lastPaths.set(catalog, paths);
  return paths;
}

function candidate(catalog: Catalog, table: string, path: AccountPath): Candidate {
  const columns = columnsOf(path.column);
  const missing = columns.filter((column) => catalog.column(table, column) === undefined);
  if (missing.length > 0) return { problems: missing.map((column) => noColumn(table, column)) };
  if ('lookup' in path) return lookupCandidate(catalog, table, path);
  const kind = catalog.column(table, path.column)?.kind ?? 'text';
  return { sql: { lookup: false, accounts: (alias) => `select ${writtenForm(kind, columnOf(alias, path.column))}` } };
}

type LookupPath = Extract<AccountPath, { readonly lookup: unknown }>;

function lookupCandidate(catalog: Catalog, table: string, path: LookupPath): Candidate {
  const { table: parent, account } = path.lookup;
  const keys = columnsOf(path.lookup.key);
  const missing = [...keys, account].filter((column) => catalog.column(parent, column) === undefined);
  if (missing.length > 0) return { problems: missing.map((column) => noColumn(parent, column)) };
  const pairs = columnsOf(path.column).map((column, index) => {
    const key = keys[index] ?? '';
    return { column, key, own: catalog.column(table, column), their: catalog.column(parent, key) };
  });
  const matches = (alias: string): string =>
    pairs.map(({ column, key, their }) => equal(columnOf('cutover_parent', key), columnOf(alias, column), their)).join(' and ');
  const odd = pairs
    .filter(({ own, their }) => (own?.kind === 'citext') !== (their?.kind === 'citext'))
    .map(
      ({ column, key }) =>
        `Column ${column} of table ${table} and column ${key} of table ${parent} compare capitals in two ways; give them one type`,
    );
  const kind = catalog.column(parent, account)?.kind ?? 'text';
  const accounts = (alias: string): string =>
    `select ${writtenForm(kind, columnOf('cutover_parent', account))} from ${qualified(catalog.plan.schema, parent)} cutover_parent where ${matches(alias)}`;
  const found = (more: readonly string[]): FoundAccounts => {
    const problems = [...odd, ...more, ...notUnique(catalog, table, parent, keys)];
    return problems.length > 0 ? { problems } : { sql: { lookup: true, accounts } };
  };
  return odd.length > 0 ? found([]) : { comparison: { table, parent, match: matches('cutover_child') }, found };
}

/** The comparison that the parent's own index serves. */
function equal(parent: string, child: string, facts: ColumnFacts | undefined): string {
  if (facts?.kind !== 'citext') return `${parent} operator(pg_catalog.=) ${child}`;
  const schema = escapeIdentifier(facts.typeSchema);
  return `${parent}::text::${schema}.citext operator(${schema}.=) ${child}::text::${schema}.citext`;
}

/** A key is unique by an index on it or on some of its columns; an index that a condition shortens, or that is checked late, proves nothing. */
function notUnique(catalog: Catalog, table: string, parent: string, keys: readonly string[]): readonly string[] {
  if (catalog.oneRow(parent, keys)) return [];
  return [
    `Rows of table ${table} find their account through ${keys.join(', ')} of table ${parent}, which no unique index proves to be one row; name all columns of its key`,
  ];
}

function noColumn(table: string, column: string): string {
  return `there is no column ${column} in table ${table}; correct the table's account path in the plan`;
}
