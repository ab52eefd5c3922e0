import type { Change, Watermark } from '../../contracts/source.ts';
import { columnsOf, type SqlSystem } from '../../domain/plan/systems.ts';
import type { Catalog } from './catalog.ts';
import type { Database, Run } from './database.ts';
import { columnOf, writtenForm } from './identity.ts';
import { reading } from './reading.ts';
import { qualified } from './relations.ts';

/**
 * The oldest transaction that is still open: everything older has ended and can be read. Taken before a read, it is the
 * place from which `changesSince` misses nothing, whatever the order in which open transactions end.
 */
export async function watermark(database: Database): Promise<Watermark> {
  const [row] = await database.run<{ xmin: string }>('watermark', 'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin');
  return row?.xmin ?? '0';
}

interface LoggedChange extends Readonly<Record<string, unknown>> {
  readonly tbl: string;
  readonly key: string;
  readonly account: string | null;
  readonly at: string;
  readonly op: Change['operation'];
  readonly ours: boolean;
}

/**
 * The change log from there on, in the order of writing; changes a read already saw may be among them. A change that was written down without its
 * account, because its transaction was serializable, gets the one its key has now.
 */
export async function changesSince(database: Database, plan: SqlSystem, from: Watermark): Promise<readonly Change[]> {
  return reading(database, 'changesSince', plan, async (run, catalog) => {
    const rows = await run<LoggedChange>(
      'select tbl, key, account, at, op, ours from cutover.change_log where txid >= $1::xid8 order by seq',
      [from],
    );
    const later = await accountsNow(run, catalog, rows);
    return rows.map(({ tbl, key, account, at, op, ours }) => ({
      table: tbl,
      key,
      account: account ?? later.get(`${tbl} ${key}`) ?? null,
      at,
      operation: op,
      ours,
    }));
  });
}

async function accountsNow(run: Run, catalog: Catalog, rows: readonly LoggedChange[]): Promise<ReadonlyMap<string, string>> {
  const { plan } = catalog;
  const found = new Map<string, string>();
  for (const [table, { account: path }] of Object.entries(plan.tables)) {
    if (path === undefined || !('lookup' in path)) continue;
    const keys = rows.filter(({ tbl, account }) => tbl === table && account === null).map(({ key }) => key);
    const kind = catalog.column(path.lookup.table, path.lookup.account)?.kind;
    if (keys.length === 0 || kind == null) continue;
    const key = `concat_ws('/', ${columnsOf(path.lookup.key)
      .map((column) => `${columnOf('p', column)}::text`)
      .join(', ')})`;
    const parents = await run<{ key: string; account: string | null }>(
      `select ${key} as key, ${writtenForm(kind, columnOf('p', path.lookup.account))} as account
       from ${qualified(plan.schema, path.lookup.table)} p where ${key} = any($1::text[])`,
      [keys],
    );
    for (const parent of parents) if (parent.account !== null) found.set(`${table} ${parent.key}`, parent.account);
  }
  return found;
}
