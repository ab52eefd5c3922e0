import type { SqlSystem } from '../../domain/plan/systems.ts';
import { tableIn } from '../../domain/plan/table-name.ts';
import { askCatalog, type CatalogRows, type FoundKey } from './catalog-rows.ts';
import { factsOf, type ColumnFacts } from './columns.ts';
import type { Run } from './database.ts';
import { planName, type Relation } from './relations.ts';

/** What the database's own catalog says of the tables of a plan, at one moment. */
export interface Catalog {
  readonly plan: SqlSystem;
  /** The user that the session began as. */
  readonly user: string;
  /** A table of the plan; undefined where it is not in the database. */
  readonly relation: (name: string) => Relation | undefined;
  /** The tables below a table of the plan: partitions and tables that inherit from it, at any depth. */
  readonly heirs: (relation: Relation) => readonly Relation[];
  /** A column that an account is found by; undefined where it is not there. */
  readonly column: (table: string, name: string) => ColumnFacts | undefined;
  /** The columns of a table's primary key in their order; none where it has no such key. */
  readonly primaryKey: (table: string) => readonly string[];
  /** Whether an index on these columns of a table, or on some of them, proves that one value of them is one row. */
  readonly oneRow: (table: string, columns: readonly string[]) => boolean;
}

/** Reads it all at once. */
export async function readCatalog(run: Run, plan: SqlSystem): Promise<Catalog> {
  return catalogOf(plan, await askCatalog(run, plan));
}

function catalogOf(plan: SqlSystem, found: CatalogRows): Catalog {
  const own = found.relations.filter(({ root, oid }) => root === oid);
  const byPlace = new Map(own.map((relation) => [JSON.stringify([relation.schema, relation.table]), relation]));
  const oidOf = (table: string): string | undefined => byPlace.get(placeOf(plan, table))?.oid;
  const keysOf = (table: string): readonly FoundKey[] => found.keys.filter((key) => key.table === oidOf(table));
  return {
    plan,
    user: found.user,
    relation: (name) => {
      const relation = byPlace.get(placeOf(plan, name));
      return relation === undefined ? undefined : { ...relation, name };
    },
    heirs: ({ oid }) =>
      found.relations
        .filter((relation) => relation.root === oid && relation.oid !== oid)
        .map((relation) => ({ ...relation, name: planName(plan, relation.schema, relation.table) })),
    column: (table, name) => {
      const column = found.columns.find((each) => each.table === oidOf(table) && each.name === name);
      return column === undefined ? undefined : factsOf(column);
    },
    primaryKey: (table) =>
      keysOf(table)
        .find(({ primary }) => primary)
        ?.columns.flatMap((column) => column ?? []) ?? [],
    oneRow: (table, columns) =>
      keysOf(table).some((key) => key.proves && key.columns.every((column) => column !== null && columns.includes(column))),
  };
}

function placeOf(plan: SqlSystem, name: string): string {
  const { schema, table } = tableIn(plan.schema, name);
  return JSON.stringify([schema, table]);
}

/** Every table whose rows have accounts, with the tables below it, each once. */
export function guardedRelations(catalog: Catalog): readonly Relation[] {
  const guarded = Object.entries(catalog.plan.tables).flatMap(([name, { account }]) => {
    const relation = account === undefined ? undefined : catalog.relation(name);
    return relation === undefined ? [] : [relation, ...catalog.heirs(relation)];
  });
  return [...new Map(guarded.map((relation) => [relation.oid, relation])).values()];
}
