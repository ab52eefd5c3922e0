import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { RecordHead } from '../../ledger/records.ts';
import type { Context } from '../deps.ts';

/** So many records at once, and more than this share of an object's, do not vanish because somebody deleted them one by one. */
const floor = 3;
const share = 0.5;

/** Records whose rows in the crosswalk are asked for at once. */
const keysAtATime = 1_000;

/** What one read of an object found of the records the ledger knows. */
interface Reading {
  readonly read: number;
  /** How many there are that had not vanished before. */
  readonly live: number;
  readonly gone: readonly RecordHead[];
}

/**
 * Rejects where a source shows nothing of an object, or too little at once, while its records stand in the target: a table that is truncated and
 * loaded again at night is no data, and nothing is deleted on no data. Documents that an archive query yields now have not vanished. An open
 * exception says so until a read is whole again; records that do not stand in the target may vanish as they like.
 */
export async function refuseEmptied(context: Context, object: ObjectPlan, { read, live, gone }: Reading): Promise<void> {
  const { query, system } = object.source;
  const lost = await standingAmong(context, object, gone);
  const isMuch = (count: number): boolean => count >= floor && count > share * live;
  const empty =
    lost.length > 0 && read === 0 && (await context.sys.source.read(query, { after: null, limit: 1, accounts: null })).rows.length === 0;
  const missing = empty || isMuch(lost.length) ? await withoutArchived(context, object, lost) : [];
  const [first] = missing;
  if (first === undefined || (!empty && !isMuch(missing.length))) {
    await context.ledger.exceptions.close(context.ref.run, object.name, [query], ['sourceVanished']);
    return;
  }
  const message = `${system} no longer shows ${String(missing.length)} of the ${String(live)} records of query ${query} (${object.name}); nothing was deleted in the target. A reload that is under way ends this by itself. If they were deleted for good, take the wave back: its next attempt reads the source as it is.`;
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

/** Those of these records that stand in the target. */
async function standingAmong(
  { ledger, scope }: Context,
  { name }: ObjectPlan,
  gone: readonly RecordHead[],
): Promise<readonly RecordHead[]> {
  const standing: RecordHead[] = [];
  for (let start = 0; start < gone.length; start += keysAtATime) {
    const some = gone.slice(start, start + keysAtATime);
    const keys = some.map(({ sourceId }) => sourceId);
    const live = await ledger.crosswalk.liveAmong(scope, name, keys);
    standing.push(...some.filter(({ sourceId }) => live.has(sourceId)));
  }
  return standing;
}

async function withoutArchived(context: Context, object: ObjectPlan, lost: readonly RecordHead[]): Promise<readonly RecordHead[]> {
  const keys = lost.map(({ sourceId }) => sourceId);
  const archived = new Set<string>();
  for (const { query } of context.sys.plan.archive.filter((entry) => entry.object === object.name))
    for (const row of await context.sys.source.get(query, keys)) archived.add(row.key);
  return lost.filter(({ sourceId }) => !archived.has(sourceId));
}
