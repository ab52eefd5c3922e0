import { escapeIdentifier } from 'pg';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { spellTableName, tableIn } from '../../domain/plan/table-name.ts';
import type { Run } from './database.ts';

interface Found extends Readonly<Record<string, unknown>> {
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  /** `pg_class.relkind`: r table, p partitioned table, f foreign table, v view, m materialized view. */
  readonly kind: string;
  /** Whether it is a partition of another table: then it gets the row triggers of that one by itself, also when it is attached later. */
  readonly partition: boolean;
}

/** A table as it stands in the database. */
export interface Relation extends Found {
  /** As the plan writes it, or would. */
  readonly name: string;
}

/** The schemas in which the plan has tables: its own first. */
export function schemasOf(plan: SqlSystem): readonly string[] {
  return [...new Set([plan.schema, ...Object.keys(plan.tables).map((name) => tableIn(plan.schema, name).schema)])];
}

/** A table of the plan, quoted for SQL. */
export function qualified(schema: string, name: string): string {
  const found = tableIn(schema, name);
  return quoted(found);
}

/** A table, quoted for SQL. */
export function quoted({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}

/** A table's name as the plan writes it; one the plan does not name, as it would. */
export function planName(plan: SqlSystem, schema: string, table: string): string {
  const own = Object.keys(plan.tables).find((name) => {
    const found = tableIn(plan.schema, name);
    return found.schema === schema && found.table === table;
  });
  return own ?? spellTableName({ schema: schema === plan.schema ? null : schema, table });
}

/** A table of the plan; undefined where it is not in the database. */
export async function relationOf(run: Run, plan: SqlSystem, name: string): Promise<Relation | undefined> {
  const { schema, table } = tableIn(plan.schema, name);
  const [found] = await run<Found>(
    `select c.oid::text, n.nspname as schema, c.relname as table, c.relkind as kind, c.relispartition as partition
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'f', 'v', 'm')`,
    [schema, table],
  );
  return found === undefined ? undefined : { ...found, name };
}

/** The tables below it: partitions and tables that inherit from it, at any depth. */
export async function heirsOf(run: Run, plan: SqlSystem, relation: Relation): Promise<readonly Relation[]> {
  const heirs = await run<Found>(
    `with recursive below as (
       select inhrelid as oid from pg_inherits where inhparent = $1::oid
       union select i.inhrelid from below b join pg_inherits i on i.inhparent = b.oid
     )
     select c.oid::text, n.nspname as schema, c.relname as table, c.relkind as kind, c.relispartition as partition
     from below b join pg_class c on c.oid = b.oid join pg_namespace n on n.oid = c.relnamespace order by 2, 3`,
    [relation.oid],
  );
  return heirs.map((heir) => ({ ...heir, name: planName(plan, heir.schema, heir.table) }));
}

/** Every table whose rows have accounts, with the tables below it. */
export async function guardedRelations(run: Run, plan: SqlSystem): Promise<readonly Relation[]> {
  const found = new Map<string, Relation>();
  for (const [name, { account }] of Object.entries(plan.tables)) {
    if (account === undefined) continue;
    const relation = await relationOf(run, plan, name);
    if (relation === undefined) continue;
    for (const each of [relation, ...(await heirsOf(run, plan, relation))]) found.set(each.oid, each);
  }
  return [...found.values()];
}
