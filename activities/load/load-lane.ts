import type { LaneEnd } from '../../contracts/activities.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Resolve } from '../../records/mapping.ts';
import type { Context, Deps } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { perform } from '../effects/perform.ts';
import { nothing, type Performed } from '../effects/performed.ts';
import { withLane } from '../effects/with-lane.ts';
import { writeDown } from '../effects/write-down.ts';
import { blockedAccounts } from '../accounts/blocked.ts';
import { actOn } from './act.ts';
import { desiredOf, requiredFields } from './desired.ts';
import { sweepDoubles } from './doubles.ts';
import { objectOf, resolverFor } from './references.ts';
import { situate, type Mapped } from './situate.ts';

/** Loads one lane: brings every record of the lane to what its source says. */
export function loadLane(deps: Deps) {
  return (ref: WaveRef, id: number): Promise<LaneEnd> => withLane(deps, ref, id, loadRecords);
}

async function loadRecords(context: Context, lane: ClaimedLane): Promise<Performed> {
  const object = objectOf(context, lane.row.object);
  const resolve = await resolverFor(context, object);
  const situations = await situate(context, object, await mapLane(context, lane, object, resolve), resolve);
  const rows = await actOn(context, lane, situations);
  if (typeof rows === 'string') return { ...nothing, stopped: rows };
  const performed = await perform(lane, object.target.system, object.target.object, rows);
  if (performed.stopped === 'fenced') return performed;
  // What a hold let through counts: its receipts are in.
  await writeDown(context, lane, object, performed);
  if (performed.stopped !== null) return performed;
  context.point('afterLane');
  const { stopped } = await sweepDoubles(context, lane, object);
  return { ...performed, stopped };
}

/** The lane's records as the mapping makes them, without those that already are as they should be. */
async function mapLane(context: Context, lane: ClaimedLane, object: ObjectPlan, resolve: Resolve): Promise<readonly Mapped[]> {
  const [records, rows, blocked, required] = await Promise.all([
    context.ledger.records.latest(context.scope, lane.row.wave, object.name, lane.row.keys),
    context.ledger.crosswalk.bySource(context.scope, object.name, lane.row.keys),
    blockedAccounts(context),
    requiredFields(context, object),
  ]);
  const bySource = new Map(rows.map((row) => [row.sourceId, row]));
  return records.map((record) => ({
    record,
    desired: desiredOf(object, record, { resolve, blocked, required }),
    row: bySource.get(record.sourceId) ?? null,
  }));
}
