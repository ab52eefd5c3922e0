import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from './claimed-lane.ts';
import { seenOf } from './resolve.ts';

/** Records that are read back together. */
const pageSize = 200;

/** Reads every record the lane wrote back, once, at the lane's end, and stores it as our after-image. */
export async function readAfterImages(context: Context, lane: ClaimedLane, object: ObjectPlan): Promise<void> {
  const effects = await context.ledger.effects.unread(lane.row.id);
  const port = context.sys.target(object.target.system);
  for (let start = 0; start < effects.length; start += pageSize) {
    const some = effects.slice(start, start + pageSize);
    const found = await port.get(
      object.target.object,
      some.map(({ targetId }) => targetId),
    );
    const records = new Map(found.map((record) => [record.id, record]));
    await context.ledger.effects.setAfter(
      some.flatMap(({ id, targetId }) => {
        const record = records.get(targetId);
        return record === undefined ? [] : [{ id, after: seenOf(record) }];
      }),
    );
  }
}
