import type { SqlSystem } from '../../domain/plan/systems.ts';
import { columnsOf } from '../../domain/plan/systems.ts';
import { tableIn } from '../../domain/plan/table-name.ts';
import type { CatalogColumn } from './columns.ts';
import type { Run } from './database.ts';
import type { Relation } from './relations.ts';

/** A table of the plan, or one below it. */
export interface FoundRelation extends Omit<Relation, 'name'> {
  /** The table of the plan that it is, or that it is below. */
  readonly root: string;
}

/** A unique index of a table of the plan. */
export interface FoundKey {
  readonly table: string;
  readonly primary: boolean;
  /** Whether no two rows of the table have the same key: a condition shortens no such index, and no other table adds rows to its own. */
  readonly proves: boolean;
  /** Null for an expression. */
  readonly columns: readonly (string | null)[];
}

/** What the catalog has of the tables that a plan names. */
export interface CatalogRows extends Readonly<Record<string, unknown>> {
  readonly user: string;
  readonly relations: readonly FoundRelation[];
  readonly columns: readonly (CatalogColumn & { readonly table: string })[];
  readonly keys: readonly FoundKey[];
}

const question = `with recursive asked as (
    select c.oid from unnest($1::text[], $2::text[]) as named (schema, relation)
      join pg_namespace n on n.nspname = named.schema join pg_class c on c.relnamespace = n.oid and c.relname = named.relation
    where c.relkind in ('r', 'p', 'f', 'v', 'm')
  ), below as (
    select oid as root, oid from asked
    union select b.root, i.inhrelid from below b join pg_inherits i on i.inhparent = b.oid
  )
  select session_user::text as user,
    coalesce((
      select json_agg(json_build_object('root', b.root::text, 'oid', c.oid::text, 'schema', n.nspname, 'table', c.relname, 'kind', c.relkind::text,
        'partition', c.relispartition) order by n.nspname, c.relname)
      from below b join pg_class c on c.oid = b.oid join pg_namespace n on n.oid = c.relnamespace), '[]') as relations,
    coalesce((
      select json_agg(json_build_object('table', a.attrelid::text, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'base', t.typname, 'baseKind', t.typtype::text, 'baseSchema', s.nspname, 'deterministic', coalesce(l.collisdeterministic, true),
        'virtual', a.attgenerated = 'v'))
      from asked join pg_attribute a on a.attrelid = asked.oid
        join lateral (
          with recursive base as (
            select a.atttypid as oid union all select d.typbasetype from base join pg_type d on d.oid = base.oid where d.typtype = 'd'
          ) select b.* from base join pg_type b on b.oid = base.oid where b.typtype <> 'd') t on true
        join pg_namespace s on s.oid = t.typnamespace left join pg_collation l on l.oid = a.attcollation
      where a.attnum > 0 and not a.attisdropped and a.attname = any($3::text[])), '[]') as columns,
    coalesce((
      select json_agg(json_build_object('table', i.indrelid::text, 'primary', i.indisprimary,
        'proves', i.indimmediate and i.indisvalid and i.indpred is null and not exists (
          select from pg_inherits h join pg_class c on c.oid = h.inhrelid where h.inhparent = i.indrelid and not c.relispartition),
        'columns', (
          select json_agg(a.attname order by place)
          from generate_series(0, i.indnkeyatts - 1) place left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[place])))
      from asked join pg_index i on i.indrelid = asked.oid where i.indisunique), '[]') as keys`;

/** Asks the catalog, in one statement. Takes no lock on a table and needs no right on one. */
export async function askCatalog(run: Run, plan: SqlSystem): Promise<CatalogRows> {
  const paths = Object.values(plan.tables).flatMap(({ account }) => (account === undefined ? [] : [account]));
  const lookups = paths.flatMap((path) => ('lookup' in path ? [path.lookup] : []));
  const named = [...Object.keys(plan.tables), ...lookups.map(({ table }) => table)].map((name) => tableIn(plan.schema, name));
  const tables = [...new Map(named.map((each) => [JSON.stringify([each.schema, each.table]), each])).values()];
  const columns = [
    ...paths.flatMap(({ column }) => columnsOf(column)),
    ...lookups.flatMap(({ key, account }) => [...columnsOf(key), account]),
  ];
  const [found] = await run<CatalogRows>(question, [
    tables.map(({ schema }) => schema),
    tables.map(({ table }) => table),
    [...new Set(columns)],
  ]);
  if (found === undefined) throw new Error('PostgreSQL answered a question about its catalog with no row');
  return found;
}
