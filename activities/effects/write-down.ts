import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Context } from '../deps.ts';
import { ownedBy } from '../load/plan-record.ts';
import { readAfterImages } from './after-images.ts';
import type { ClaimedLane } from './claimed-lane.ts';
import type { Performed } from './performed.ts';

/** Writes down what the calls of a lane came to: an exception for each refusal and each target record of another owner, the lane's counters, the records as read back. */
export async function writeDown(context: Context, lane: ClaimedLane, object: ObjectPlan, performed: Performed): Promise<void> {
  const { ledger, scope } = context;
  for (const { effect, message } of performed.refused) {
    const account = (await ledger.records.byKey(scope, object.name, effect.sourceId))?.account ?? null;
    await ledger.exceptions.open(lane.row.run, lane.row.wave, {
      object: object.name,
      sourceId: effect.sourceId,
      account,
      kind: 'refused',
      message: `${object.target.system} refused to ${effect.operation} it: ${message}`,
    });
  }
  for (const { effect, owner } of performed.taken) {
    const account = (await ledger.records.byKey(scope, object.name, effect.sourceId))?.account ?? null;
    await ledger.exceptions.open(
      lane.row.run,
      lane.row.wave,
      ownedBy(object, { object: object.name, sourceId: effect.sourceId, account }, effect.targetId ?? '', owner),
    );
  }
  await ledger.lanes.count(lane.row.id, { applied: performed.applied, refused: performed.refused.length });
  await readAfterImages(context, lane, object);
}
