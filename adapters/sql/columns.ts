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
  readonly place: string;
  readonly name: string;
  readonly type: string;
  readonly base: string;
  readonly base_kind: string;
  readonly base_schema: string;
  readonly deterministic: boolean;
  readonly virtual: boolean;
}

/** A column of a table as the plan names both. */
export interface ColumnName {
  readonly table: string;
  readonly column: string;
}

/** These columns of a table of the plan; one that is not there is left out. */
export async function columnFacts(run: Run, plan: SqlSystem, table: string, columns: readonly string[]): Promise<readonly ColumnFacts[]> {
  const facts = await factsOf(
    run,
    plan,
    columns.map((column) => ({ table, column })),
  );
  return facts.flatMap((each) => each ?? []);
}

/** What the catalog says of each of these columns, in their order and in one question; null for one that is not there. */
export async function factsOf(run: Run, plan: SqlSystem, names: readonly ColumnName[]): Promise<readonly (ColumnFacts | null)[]> {
  const places = names.map(({ table }) => tableIn(plan.schema, table));
  const rows = await run<CatalogColumn>(
    `with recursive named as (
       select a.*, asked.place from unnest($1::text[], $2::text[], $3::text[]) with ordinality as asked (schema, relation, name, place)
         join pg_namespace n on n.nspname = asked.schema join pg_class c on c.relnamespace = n.oid and c.relname = asked.relation
         join pg_attribute a on a.attrelid = c.oid and a.attname = asked.name and a.attnum > 0 and not a.attisdropped
     ), base as (
       select place, atttypid as typ from named
       union all select b.place, t.typbasetype from base b join pg_type t on t.oid = b.typ where t.typtype = 'd'
     )
     select n.place::text as place, n.attname as name, format_type(n.atttypid, n.atttypmod) as type, t.typname as base, t.typtype as base_kind,
       s.nspname as base_schema, coalesce(l.collisdeterministic, true) as deterministic, n.attgenerated = 'v' as virtual
     from named n join base b on b.place = n.place join pg_type t on t.oid = b.typ and t.typtype <> 'd'
       join pg_namespace s on s.oid = t.typnamespace left join pg_collation l on l.oid = n.attcollation`,
    [places.map(({ schema }) => schema), places.map(({ table }) => table), names.map(({ column }) => column)],
  );
  const found = new Map(rows.map((row) => [Number(row.place), row]));
  return names.map((_, index) => {
    const row = found.get(index + 1);
    return row === undefined
      ? null
      : { name: row.name, type: row.type, kind: kindOf(row), typeSchema: row.base_schema, virtual: row.virtual };
  });
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
