import { escapeIdentifier } from 'pg';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { tableIn } from '../../domain/plan/table-name.ts';
import type { Run } from './database.ts';

/**
 * How a column tells two accounts apart. An account has one written form for each kind, such that two forms are the same text exactly where the
 * column holds the values equal: a text as it is, `char(n)` without its padding, citext in small letters, a number without closing zeros, a
 * uuid in small letters.
 */
export type IdentityKind = 'text' | 'char' | 'citext' | 'number' | 'uuid';

/** A column of a table, as far as the identity of accounts goes. */
export interface ColumnFacts extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly type: string;
  /** Null where no written form is known that follows the column's own equality. */
  readonly kind: IdentityKind | null;
  /** The schema of the type itself, or of the type under a domain. */
  readonly typeSchema: string;
  /** PostgreSQL makes the value when it is read, so that no trigger sees it. */
  readonly virtual: boolean;
}

interface CatalogColumn extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly type: string;
  readonly base: string;
  readonly base_kind: string;
  readonly base_schema: string;
  readonly deterministic: boolean;
  readonly virtual: boolean;
}

/** These columns of a table of the plan; one that is not there is left out. */
export async function columnFacts(run: Run, plan: SqlSystem, table: string, columns: readonly string[]): Promise<readonly ColumnFacts[]> {
  const { schema, table: relation } = tableIn(plan.schema, table);
  const rows = await run<CatalogColumn>(
    `with recursive named as (
       select a.* from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relname = $2 and a.attname = any($3::text[]) and a.attnum > 0 and not a.attisdropped
     ), base as (
       select attname, atttypid as typ from named
       union all select b.attname, t.typbasetype from base b join pg_type t on t.oid = b.typ where t.typtype = 'd'
     )
     select n.attname as name, format_type(n.atttypid, n.atttypmod) as type, t.typname as base, t.typtype as base_kind, s.nspname as base_schema,
       coalesce(l.collisdeterministic, true) as deterministic, n.attgenerated = 'v' as virtual
     from named n join base b on b.attname = n.attname join pg_type t on t.oid = b.typ and t.typtype <> 'd'
       join pg_namespace s on s.oid = t.typnamespace left join pg_collation l on l.oid = n.attcollation`,
    [schema, relation, columns],
  );
  return rows.map((row) => ({ name: row.name, type: row.type, kind: kindOf(row), typeSchema: row.base_schema, virtual: row.virtual }));
}

const kinds: Readonly<Record<string, IdentityKind>> = {
  text: 'text',
  varchar: 'text',
  bpchar: 'char',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  numeric: 'number',
  uuid: 'uuid',
};

function kindOf({ base, base_kind, base_schema, deterministic }: CatalogColumn): IdentityKind | null {
  if (!deterministic) return null;
  if (base_kind === 'e') return 'text';
  if (base_schema === 'pg_catalog') return kinds[base] ?? null;
  return base === 'citext' ? 'citext' : null;
}

/** SQL for the written form of an account, from an expression of this kind. */
export function writtenForm(kind: IdentityKind, expression: string): string {
  const text = `(${expression})::text`;
  if (kind === 'char') return `rtrim(${text}, ' ')`;
  if (kind === 'citext') return `lower(${text} collate "default")`;
  return kind === 'number' ? `trim_scale((${expression})::numeric)::text` : text;
}

const number = String.raw`^\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*$`;
const uuid = '^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$';

/** SQL for the written form of an account that is given as text; a text that is no value of the kind stays as it is, and is nobody's. */
export function writtenFormOfText(kind: IdentityKind, expression: string): string {
  const text = `(${expression})::text`;
  const only = (pattern: string, form: string): string => `case when ${text} ~* '${pattern}' then ${form} else ${text} end`;
  if (kind === 'number') return only(number, `trim_scale((${text})::numeric)::text`);
  if (kind === 'uuid') return only(uuid, `(${text})::uuid::text`);
  return writtenForm(kind, text);
}

interface AccountColumn {
  readonly table: string;
  readonly column: string;
}

/** The columns that hold accounts themselves. */
function accountColumns(plan: SqlSystem): readonly AccountColumn[] {
  return Object.entries(plan.tables).flatMap(([table, { account }]) => {
    if (account === undefined) return [];
    return 'lookup' in account ? [{ table: account.lookup.table, column: account.lookup.account }] : [{ table, column: account.column }];
  });
}

/** How accounts are told apart in this system, and sentences about columns that tell them apart in no way, or in another than the rest. */
export async function accountIdentity(
  run: Run,
  plan: SqlSystem,
): Promise<{ readonly kind: IdentityKind; readonly problems: readonly string[] }> {
  const seen = new Map<IdentityKind, string>();
  const problems: string[] = [];
  for (const { table, column } of accountColumns(plan)) {
    const [facts] = await columnFacts(run, plan, table, [column]);
    if (facts === undefined) continue;
    const label = `column ${column} of table ${table} (${facts.type})`;
    if (facts.virtual)
      problems.push(`No trigger sees the accounts in ${label}: they are made when they are read; name the column they are made from`);
    if (facts.kind !== null) seen.set(facts.kind, label);
    else
      problems.push(
        `Accounts cannot be told apart by ${label}: its type or collation has no one written form for equal values; use a text, char, citext, whole or decimal number or uuid column`,
      );
  }
  const found = [...seen.keys()];
  const kind = found.every((each) => each === 'text' || each === 'char')
    ? found.includes('text')
      ? 'text'
      : 'char'
    : (found[0] ?? 'text');
  const odd = found.filter((each) => each !== kind && !(kind === 'text' && each === 'char'));
  const mixed = odd.map(
    (each) => `Accounts are told apart in two ways, by ${seen.get(kind) ?? ''} and by ${seen.get(each) ?? ''}; leave one`,
  );
  return { kind: found.length === 0 ? 'text' : kind, problems: [...new Set([...problems, ...mixed])] };
}

/** Accounts in their written form, each once. */
export async function writtenAccounts(run: Run, plan: SqlSystem, accounts: readonly string[]): Promise<readonly string[]> {
  const { kind } = await accountIdentity(run, plan);
  const rows = await run<{ account: string }>(
    `select min(place), ${writtenFormOfText(kind, 'given')} as account from unnest($1::text[]) with ordinality as named (given, place) group by 2 order by 1`,
    [accounts],
  );
  return rows.map(({ account }) => account);
}

/** A column of a row or of an alias, quoted for SQL. */
export function columnOf(alias: string, column: string): string {
  return `${alias}.${escapeIdentifier(column)}`;
}
