import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from './claimed-lane.ts';
import { seenOf } from './resolve.ts';

/** Reads every record the lane wrote back, once, at the lane's end, and stores it as our after-image. */
export async function readAfterImages(context: Context, lane: ClaimedLane, object: ObjectPlan): Promise<void> {
  const effects = (await context.ledger.effects.ofLane(lane.row.id)).filter(
    (effect) => effect.status === 'applied' && effect.after === null && effect.targetId !== null && effect.operation !== 'delete',
  );
  if (effects.length === 0) return;
  const records = new Map(
    (
      await context.sys.target(object.target.system).get(
        object.target.object,
        effects.map((effect) => effect.targetId ?? ''),
      )
    ).map((record) => [record.id, record]),
  );
  const images = effects.flatMap((effect) => {
    const record = records.get(effect.targetId ?? '');
    return record ? [{ id: effect.id, after: seenOf(record) }] : [];
  });
  await context.ledger.effects.setAfter(images);
}
