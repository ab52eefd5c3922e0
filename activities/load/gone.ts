import { sharedWave } from '../../contracts/messages.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk-row.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { shownNames } from '../../records/bare.ts';
import { progress } from '../pulse.ts';
import { configurationDrift } from '../verify/configuration.ts';
import type { Mapped } from './situate.ts';

/** Of these rows of an object those whose target record is there no more. */
export async function goneAmong(
  { sys }: Pick<Context, 'sys'>,
  { target }: ObjectPlan,
  rows: readonly CrosswalkRow[],
): Promise<readonly CrosswalkRow[]> {
  if (rows.length === 0) return [];
  const found = await sys.target(target.system).get(target.object, [...new Set(rows.map(({ targetId }) => targetId))]);
  const there = new Set(found.map(({ id }) => id));
  return rows.filter(({ targetId }) => !there.has(targetId));
}

/** How many shared records people have removed from the target since they were loaded: a wave may need them. */
export async function countGoneShared(context: Context): Promise<number> {
  let gone = 0;
  for (const object of context.sys.plan.objects.filter(({ scope }) => scope === 'shared')) {
    let read = 0;
    for await (const heads of context.ledger.records.headPages(context.scope, sharedWave, object.name, 'there')) {
      const keys = heads.map(({ sourceId }) => sourceId);
      gone += (await goneAmong(context, object, await context.ledger.crosswalk.bySource(context.scope, object.name, keys))).length;
      progress({ object: object.name, done: (read += keys.length) });
    }
  }
  return gone;
}

/** Rows that are looked at beside those in question; so many, and more than half, seldom go because people deleted them one by one. */
const [sample, floor] = [100, 3];

/**
 * Rejects where the target shows most of an object's records no more and its configuration is another than it was at the configuration freeze: then its user
 * may not see them, and to make them anew would make them twice.
 */
async function refuseUnseen(
  context: Context,
  object: ObjectPlan,
  asked: readonly CrosswalkRow[],
  gone: ReadonlySet<number>,
): Promise<void> {
  const { ledger, scope } = context;
  const ids = asked.map(({ id }) => id);
  const others = await ledger.crosswalk.some(scope, object.name, ids, sample);
  const unseen = gone.size + (await goneAmong(context, object, others)).length;
  const all = asked.length + others.length;
  if (unseen < floor || 2 * unseen <= all) return;
  const { system, object: name } = object.target;
  const changes = ((await configurationDrift(context))?.changes ?? []).filter((change) => change.startsWith(`${system}: `));
  if (changes.length === 0) return;
  throw new Error(
    `${system} shows ${String(unseen)} of ${String(all)} records of ${name} no more, and its configuration is not as it was at the configuration freeze: ${shownNames(changes)}. Nothing is made again, because its user may no longer see what stands there. Set the configuration back, and the load goes on.`,
  );
}

/**
 * Records with their rows, without rows that lead nowhere any more: their target record was removed by people, and no later attempt of its wave would find
 * that out. Such a record is looked for anew, and made where it is not found. Shared records have no later attempt but that of the whole run; what a
 * rollback had to leave, or an earlier run, is in no attempt at all. Says what took the lane's token.
 */
export async function withoutLost(
  context: Context,
  lane: ClaimedLane,
  object: ObjectPlan,
  mapped: readonly Mapped[],
): Promise<readonly Mapped[] | 'held' | 'fenced'> {
  const isLeft = ({ run, state }: CrosswalkRow): boolean => state !== 'live' || run !== lane.row.run;
  const rows = mapped.flatMap(({ record, row }) =>
    row !== null && record.disposition !== 'gone' && (object.scope === 'shared' || isLeft(row)) ? [row] : [],
  );
  const gone = new Set((await goneAmong(context, object, rows)).map(({ id }) => id));
  if (gone.size === 0) return mapped;
  await refuseUnseen(context, object, rows, gone);
  const loss = await context.ledger.crosswalk.endRows(
    lane.token,
    [...gone].map((id) => ({ id, state: 'retired', contentHash: null })),
  );
  if (loss !== null) return loss;
  await context.ledger.trail.note(lane.row.run, lane.row.wave, 'soughtAnew', { object: object.name, records: gone.size });
  return mapped.map((one) => (one.row !== null && gone.has(one.row.id) ? { ...one, row: null } : one));
}
