import type { SourceQuery } from '../../domain/plan/systems.ts';
import type { Catalog } from './catalog.ts';
import type { Run } from './database.ts';
import { columnOf } from './identity.ts';

/** Types of which two values are equal exactly where their texts are, so that a page may begin behind the text of the last key before it. */
const exactTypes = [
  ...['smallint', 'integer', 'bigint', 'oid', 'uuid', 'date', 'timestamp without time zone', 'timestamp with time zone'],
  ...['text', 'character varying', 'character', 'name'],
];

/** How the keys of a query are paged: in the order of the column itself, which an index serves, or by their bytes. */
export type KeyOrder = 'own' | 'bytes';

const known = new WeakMap<Catalog, Map<string, KeyOrder>>();

/**
 * The order of a query's keys: its own where the type of the column has one that tells its values apart as their texts do; of a collation, such as one
 * that takes capitals for small letters, or a type, such as numeric with 1.0 and 1.00, that does not, by their bytes. Asked once for each catalog.
 */
export async function keyOrder(run: Run, catalog: Catalog, query: SourceQuery): Promise<KeyOrder> {
  const orders = known.get(catalog) ?? new Map<string, KeyOrder>();
  known.set(catalog, orders);
  const place = JSON.stringify([query.sql, query.key]);
  const order = orders.get(place) ?? (await askOrder(run, query));
  orders.set(place, order);
  return order;
}

async function askOrder(run: Run, query: SourceQuery): Promise<KeyOrder> {
  const [facts] = await run<{ readonly type: string; readonly exact: boolean }>(
    `select pg_typeof(key)::text as type, case when pg_typeof(key)::text = any($1) and pg_typeof(key) in ('text'::regtype, 'varchar', 'bpchar', 'name')
       then (select collisdeterministic from pg_collation where oid = pg_collation_for(key)::regcollation) else true end as exact
     from (select (select ${columnOf('q', query.key)} from (${query.sql}) q limit 0) as key) one`,
    [exactTypes],
  );
  return facts !== undefined && facts.exact && exactTypes.includes(facts.type) ? 'own' : 'bytes';
}

/** The key as pages are ordered by it. */
export function orderedKey(order: KeyOrder, query: SourceQuery): string {
  const key = columnOf('q', query.key);
  return order === 'own' ? key : `${key}::text collate "C"`;
}
