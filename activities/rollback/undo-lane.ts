import type { LaneEnd } from '../../contracts/activities.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { undoOrder } from '../../domain/rollback/order.ts';
import type { ListedTarget } from '../../ledger/effects.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { inFlight, inParts } from '../in-flight.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { nothing, sum, type Performed } from '../effects/performed.ts';
import { withLane } from '../effects/with-lane.ts';
import { accountsInUse } from './in-use.ts';
import { groupByRecord, type RecordEffects } from './undo-cases.ts';
import { undoRecord } from './undo-record.ts';
import { undoTogether } from './undo-together.ts';

/** Records of one lane; several times as many as a target takes at once, so that few of its places stay empty at the end of a lane. */
const laneSize = 2_000;

/** Lanes of an undo, in reverse dependency order; none when nothing of the wave is left to undo. */
export function planUndo(deps: Deps) {
  return async (ref: WaveRef): Promise<number[]> => {
    const context = await contextOf(deps, ref);
    return (await deps.ledger.acts.allow(ref, 'takeBack')) === null ? [] : lanesOfUndo(context, ref, null);
  };
}

/** Lanes that take back what stands of a wave attempt, in reverse dependency order: everything, or what is of these accounts. */
export async function lanesOfUndo(
  { ledger, sys }: Context,
  { run, wave, attempt }: WaveRef,
  accounts: readonly string[] | null,
): Promise<number[]> {
  const records = await ledger.effects.listTargets(run, wave, attempt, accounts);
  const order = sys.plan.objects.map(({ name }) => name);
  const lanes: number[] = [];
  for (const [object, some] of Map.groupBy(undoOrder(order, records), (record) => record.object)) {
    const keys = some.map(({ targetId }) => targetId);
    lanes.push(...(await ledger.lanes.plan({ run, wave, attempt, kind: 'undo', object }, keys, laneSize)));
  }
  return lanes;
}

/** Undoes the records of one lane, each by what is seen of it now; one failure never stops the rest. */
export function undoLane(deps: Deps) {
  return (ref: WaveRef, id: number): Promise<LaneEnd> => withLane(deps, ref, id, undoRecords);
}

async function undoRecords(context: Context, lane: ClaimedLane, open: number): Promise<Performed> {
  if (open > 0) return nothing;
  const { run, wave, attempt, object, keys } = lane.row;
  const targets = await context.ledger.effects.listedAmong({ run, wave, attempt, object }, keys);
  const sources = targets.map(({ sourceId }) => sourceId);
  const inUse = await accountsInUse(context, { ...context.ref, wave, attempt }, object, sources);
  let total = nothing;
  const alone = async (some: readonly RecordEffects[]): Promise<void> => {
    for (const record of some) {
      if (total.stopped !== null) return;
      // Other pages add to the total meanwhile: it is read after the wait.
      const performed = (await undoRecord(context, lane, record, inUse)) ?? nothing;
      total = sum(total, { ...performed, refused: [] });
    }
  };
  const page = async (some: readonly ListedTarget[]): Promise<'on' | 'stop'> => {
    context.point('duringUndo');
    const { performed, left } = await undoTogether(context, lane, await recordsOf(context, lane, some), inUse);
    total = sum(total, performed);
    await alone(left);
    return total.stopped === null ? 'on' : 'stop';
  };
  // A page is seen, written and settled before the next begins in its place: between the look at a record and its write there is not much time, and
  // of all the images of a lane only those of its pages are in memory.
  const together = new Set(firstOfEach(targets));
  for (const [system, some] of Map.groupBy(together, (target) => target.system)) {
    const { batchSize, writesInFlight } = context.sys.target(system).capabilities;
    if (total.stopped === null) await inFlight(inParts(some, batchSize), writesInFlight, page);
  }
  for (const target of targets.filter((one) => !together.has(one))) await alone(await recordsOf(context, lane, [target]));
  return total;
}

/** Target records with all our effects on them; without those in which nothing of ours stands any more. */
async function recordsOf({ ledger }: Context, { row }: ClaimedLane, targets: readonly ListedTarget[]): Promise<readonly RecordEffects[]> {
  const ids = targets.map(({ targetId }) => targetId);
  return groupByRecord(await ledger.effects.ofTargets(row.run, row.wave, row.attempt, row.object, ids));
}

/** Of the target records of each source record the first: an undo is an effect on a source record, and two of them at a time would be one. */
function firstOfEach(targets: readonly ListedTarget[]): readonly ListedTarget[] {
  return [...Map.groupBy(targets, ({ system, sourceId }) => JSON.stringify([system, sourceId])).values()].flatMap(([first]) => first ?? []);
}
