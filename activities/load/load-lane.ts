import type { LaneEnd } from '../../contracts/activities.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { StagedRecord } from '../../ledger/records.ts';
import type { Resolve } from '../../records/mapping.ts';
import type { Context, Deps } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { perform } from '../effects/perform.ts';
import { nothing, stoppedBy, type Performed } from '../effects/performed.ts';
import { withLane } from '../effects/with-lane.ts';
import { writeDown } from '../effects/write-down.ts';
import { blockedAccounts } from '../accounts/blocked.ts';
import { inTurns } from '../in-turns.ts';
import { actOn } from './act.ts';
import { desiredOf, requiredFields } from './desired.ts';
import { readKeysOfLane, sweepDoubles } from './doubles.ts';
import { withoutLost } from './gone.ts';
import { objectOf, resolverFor } from './references.ts';
import { situate, type Mapped } from './situate.ts';

/** Loads one lane: brings every record of the lane to what its source says. */
export function loadLane(deps: Deps) {
  return (ref: WaveRef, id: number): Promise<LaneEnd> => withLane(deps, ref, id, loadRecords);
}

async function loadRecords(context: Context, lane: ClaimedLane): Promise<Performed> {
  const object = objectOf(context, lane.row.object);
  // A lane that moves records will write: the login is under way while it reads. Where it fails, the first batch tries again and tells.
  if (object.mode === 'move') lane.session(object.target.system).catch(() => undefined);
  const records = await context.ledger.records.latest(context.scope, lane.row.wave, object.name, lane.row.keys);
  const sources = records.map(({ payload }) => payload);
  const resolve = await resolverFor(context, object, sources);
  const mapped = await withoutLost(context, lane, object, await mapRecords(context, object, records, resolve));
  if (typeof mapped === 'string') return stoppedBy(nothing, mapped);
  const situations = await situate(context, object, mapped);
  const rows = await actOn(context, lane, situations);
  if (typeof rows === 'string') return stoppedBy(nothing, rows);
  const performed = await perform(lane, object.target.system, object.target.object, rows);
  if (performed.stopped === 'fenced') return performed;
  // What a hold let through counts: its receipts are in.
  const underKeys = performed.stopped === null ? await readKeysOfLane(context, lane, object, rows, performed.applied) : null;
  await writeDown(context, lane, object, performed, { rows, read: underKeys?.found ?? [] });
  if (performed.stopped !== null) return performed;
  context.point('afterLane');
  if (underKeys === null) return performed;
  const { stopped } = await sweepDoubles(context, lane, object, underKeys);
  return stoppedBy(performed, stopped);
}

/** Records as the mapping makes them, beside their crosswalk rows. */
export async function mapRecords(
  context: Context,
  object: ObjectPlan,
  records: readonly StagedRecord[],
  resolve: Resolve,
): Promise<readonly Mapped[]> {
  const keys = records.map(({ sourceId }) => sourceId);
  const [rows, blocked, required] = await Promise.all([
    context.ledger.crosswalk.bySource(context.scope, object.name, keys),
    blockedAccounts(
      context,
      records.flatMap(({ account }) => account ?? []),
    ),
    requiredFields(context, object),
  ]);
  const bySource = new Map(rows.map((row) => [row.sourceId, row]));
  return inTurns(records, (record) => ({
    record,
    desired: desiredOf(object, record, { resolve, blocked, required }),
    row: bySource.get(record.sourceId) ?? null,
  }));
}
