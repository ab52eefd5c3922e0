import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { RecordHead } from '../../ledger/records.ts';
import type { Context } from '../deps.ts';

/** So many records at once, and more than this share of an object's, do not vanish because somebody deleted them one by one. */
const floor = 3;
const share = 0.5;

/** What one read of an object found of the records the ledger knows. */
interface Reading {
  readonly read: number;
  readonly live: readonly RecordHead[];
  readonly gone: readonly RecordHead[];
}

/**
 * Rejects where a source shows nothing of an object, or too little at once, while its records stand in the target: a table that is truncated and
 * loaded again at night is no data, and nothing is deleted on no data. Documents that an archive query yields now have not vanished. An open
 * exception says so until a read is whole again; records that do not stand in the target may vanish as they like.
 */
export async function refuseEmptied(context: Context, object: ObjectPlan, { read, live, gone }: Reading): Promise<void> {
  const { query, system } = object.source;
  const standing = gone.length === 0 ? new Set() : await context.ledger.crosswalk.liveKeys(context.scope, object.name);
  const lost = gone.filter(({ sourceId }) => standing.has(sourceId));
  const isMuch = (count: number): boolean => count >= floor && count > share * live.length;
  const empty =
    lost.length > 0 && read === 0 && (await context.sys.source.read(query, { after: null, limit: 1, accounts: null })).rows.length === 0;
  const missing = empty || isMuch(lost.length) ? await withoutArchived(context, object, lost) : [];
  const [first] = missing;
  if (first === undefined || (!empty && !isMuch(missing.length))) {
    await context.ledger.exceptions.close(context.ref.run, object.name, [query], ['sourceVanished']);
    return;
  }
  const message = `${system} no longer shows ${String(missing.length)} of the ${String(live.length)} records of query ${query} (${object.name}); nothing was deleted in the target. A reload that is under way ends this by itself. If they were deleted for good, take the wave back: its next attempt reads the source as it is.`;
  await context.ledger.exceptions.open(context.ref.run, first.wave, [
    {
      object: object.name,
      sourceId: query,
      account: null,
      kind: 'sourceVanished',
      message,
    },
  ]);
  throw new Error(message);
}

async function withoutArchived(context: Context, object: ObjectPlan, lost: readonly RecordHead[]): Promise<readonly RecordHead[]> {
  const keys = lost.map(({ sourceId }) => sourceId);
  const archived = new Set<string>();
  for (const { query } of context.sys.plan.archive.filter((entry) => entry.object === object.name))
    for (const row of await context.sys.source.get(query, keys)) archived.add(row.key);
  return lost.filter(({ sourceId }) => !archived.has(sourceId));
}
