import type { LaneEnd } from '../../contracts/activities.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { undoOrder } from '../../domain/rollback/order.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { nothing, sum, type Performed } from '../effects/performed.ts';
import { withLane } from '../effects/with-lane.ts';
import { accountsInUse } from './in-use.ts';
import { groupByRecord } from './undo-cases.ts';
import { undoRecord } from './undo-record.ts';
import { undoTogether } from './undo-together.ts';

const laneSize = 200;

/** Records that are seen, undone and settled together: between look and write there is not much time. */
const pageSize = 50;

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
  const records = groupByRecord(await context.ledger.effects.ofTargets(run, wave, attempt, object, keys));
  const sources = records.map(({ sourceId }) => sourceId);
  const inUse = await accountsInUse(context, { ...context.ref, wave, attempt }, object, sources);
  let total = nothing;
  for (let start = 0; start < records.length; start += pageSize) {
    context.point('duringUndo');
    const { performed, left } = await undoTogether(context, lane, records.slice(start, start + pageSize), inUse);
    total = sum(total, performed);
    for (const record of left) {
      if (total.stopped !== null) break;
      total = sum(total, { ...((await undoRecord(context, lane, record, inUse)) ?? nothing), refused: [] });
    }
    if (total.stopped !== null) break;
  }
  return total;
}
