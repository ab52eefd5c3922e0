import { escapeIdentifier } from 'pg';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { spellTableName, tableIn } from '../../domain/plan/table-name.ts';

/** A table as it stands in the database. */
export interface Relation {
  /** As the plan writes it, or would. */
  readonly name: string;
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  /** `pg_class.relkind`: r table, p partitioned table, f foreign table, v view, m materialized view. */
  readonly kind: string;
  /** Whether it is a partition of another table: then it gets the row triggers of that one by itself, also when it is attached later. */
  readonly partition: boolean;
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
