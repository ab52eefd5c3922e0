import { escapeIdentifier } from 'pg';
import type { AccountPath, SqlSystem } from '../../domain/plan/systems.ts';
import { columnsOf } from '../../domain/plan/systems.ts';
import type { Run } from './database.ts';
import { columnFacts, type ColumnFacts } from './columns.ts';
import { columnOf, writtenForm } from './identity.ts';
import { qualified, relationOf } from './relations.ts';

/** SQL for the accounts of one row, and what is needed to find them. */
export interface AccountSql {
  /** A query of one column: the accounts of the row that `alias` stands for, none where the row belongs to nobody. */
  readonly accounts: (alias: string) => string;
  /** Whether the account is found through another table. */
  readonly lookup: boolean;
}

/**
 * How a guard finds the accounts of a row, or sentences about why it cannot. All comparisons are those of the columns' own types, named with their
 * schema, so that nothing in a search path can stand in for them.
 */
export async function accountSql(
  run: Run,
  plan: SqlSystem,
  table: string,
  path: AccountPath,
): Promise<{ readonly sql: AccountSql } | { readonly problems: readonly string[] }> {
  const own = await columnFacts(run, plan, table, columnsOf(path.column));
  const missing = columnsOf(path.column).filter((column) => !own.some(({ name }) => name === column));
  if (missing.length > 0) return { problems: missing.map((column) => noColumn(table, column)) };
  if (!('lookup' in path)) {
    const kind = own[0]?.kind ?? 'text';
    return { sql: { lookup: false, accounts: (alias) => `select ${writtenForm(kind, columnOf(alias, path.column))}` } };
  }
  return lookupSql(run, plan, table, path, own);
}

type LookupPath = Extract<AccountPath, { readonly lookup: unknown }>;

async function lookupSql(
  run: Run,
  plan: SqlSystem,
  table: string,
  path: LookupPath,
  own: readonly ColumnFacts[],
): Promise<{ readonly sql: AccountSql } | { readonly problems: readonly string[] }> {
  const { table: parent, account } = path.lookup;
  const keys = columnsOf(path.lookup.key);
  const theirs = await columnFacts(run, plan, parent, [...keys, account]);
  const missing = [...keys, account].filter((column) => !theirs.some(({ name }) => name === column));
  if (missing.length > 0) return { problems: missing.map((column) => noColumn(parent, column)) };
  const pairs = columnsOf(path.column).map((column, index) => {
    const key = keys[index] ?? '';
    return { column, key, own: own.find(({ name }) => name === column), their: theirs.find(({ name }) => name === key) };
  });
  const matches = (alias: string): string =>
    pairs.map(({ column, key, their }) => equal(columnOf('cutover_parent', key), columnOf(alias, column), their)).join(' and ');
  const odd = pairs.filter(({ own: mine, their }) => (mine?.kind === 'citext') !== (their?.kind === 'citext'));
  const problems = [
    ...odd.map(
      ({ column, key }) =>
        `Column ${column} of table ${table} and column ${key} of table ${parent} compare capitals in two ways; give them one type`,
    ),
    ...(odd.length > 0 ? [] : await incomparable(run, plan, table, parent, matches('cutover_child'))),
    ...(await notUnique(run, plan, table, parent, keys)),
  ];
  if (problems.length > 0) return { problems };
  const kind = theirs.find(({ name }) => name === account)?.kind ?? 'text';
  const from = qualified(plan.schema, parent);
  return {
    sql: {
      lookup: true,
      accounts: (alias) =>
        `select ${writtenForm(kind, columnOf('cutover_parent', account))} from ${from} cutover_parent where ${matches(alias)}`,
    },
  };
}

/** The comparison that the parent's own index serves. */
function equal(parent: string, child: string, facts: ColumnFacts | undefined): string {
  if (facts?.kind !== 'citext') return `${parent} operator(pg_catalog.=) ${child}`;
  const schema = escapeIdentifier(facts.typeSchema);
  return `${parent}::text::${schema}.citext operator(${schema}.=) ${child}::text::${schema}.citext`;
}

async function incomparable(run: Run, plan: SqlSystem, table: string, parent: string, match: string): Promise<readonly string[]> {
  await run('savepoint comparable');
  try {
    await run(
      `select 1 from ${qualified(plan.schema, table)} cutover_child, ${qualified(plan.schema, parent)} cutover_parent where ${match} limit 0`,
    );
    return [];
  } catch (error) {
    if (!isOperatorFailure(error)) throw error;
    await run('rollback to savepoint comparable');
    return [
      `Rows of table ${table} cannot be compared with the key of table ${parent}: the database knows no equality of their types; name columns of one type`,
    ];
  }
}

/** SQLSTATE undefined_function, ambiguous_function, indeterminate_collation: no one operator fits. */
function isOperatorFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && ['42883', '42725', '42P22'].includes(String(error.code));
}

/** A key is unique by an index on it or on some of its columns; an index that a condition shortens, or that is checked late, proves nothing. */
async function notUnique(run: Run, plan: SqlSystem, table: string, parent: string, keys: readonly string[]): Promise<readonly string[]> {
  const relation = await relationOf(run, plan, parent);
  const proofs = await run(
    `select 1 as one from pg_index i
     where i.indrelid = $1::oid and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null and i.indexprs is null
       and not exists (select from pg_inherits h join pg_class c on c.oid = h.inhrelid where h.inhparent = i.indrelid and not c.relispartition)
       and not exists (
         select from generate_series(0, i.indnkeyatts - 1) place left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[place]
         where not a.attname::text = any($2::text[]))
     limit 1`,
    [relation?.oid ?? '0', keys],
  );
  if (proofs.length > 0) return [];
  return [
    `Rows of table ${table} find their account through ${keys.join(', ')} of table ${parent}, which no unique index proves to be one row; name all columns of its key`,
  ];
}

function noColumn(table: string, column: string): string {
  return `there is no column ${column} in table ${table}; correct the table's account path in the plan`;
}
