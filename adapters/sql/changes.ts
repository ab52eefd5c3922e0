import type { Change, Watermark } from '../../contracts/source.ts';
import type { Database } from './database.ts';

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

/** The change log from there on, in the order of writing; changes a read already saw may be among them. */
export async function changesSince(database: Database, from: Watermark): Promise<readonly Change[]> {
  const rows = await database.run<LoggedChange>(
    'changesSince',
    'select tbl, key, account, at, op, ours from cutover.change_log where txid >= $1::xid8 order by seq',
    [from],
  );
  return rows.map(({ tbl, key, account, at, op, ours }) => ({ table: tbl, key, account, at, operation: op, ours }));
}
