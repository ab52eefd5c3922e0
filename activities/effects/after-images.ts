import type { TargetRecord } from '../../contracts/adapter.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from './claimed-lane.ts';
import { seenOf } from './resolve.ts';

/** Records whose images are stored together. */
const pageSize = 500;

/**
 * Stores of every record that the lane wrote how it stands after that, once, at the lane's end: our after-image. `read` are records that were read
 * since; the others are read here.
 */
export async function readAfterImages(
  context: Context,
  lane: ClaimedLane,
  object: ObjectPlan,
  read: readonly TargetRecord[],
): Promise<void> {
  const effects = await context.ledger.effects.unread(lane.row.id);
  const port = context.sys.target(object.target.system);
  const known = new Map(read.map((record) => [record.id, record]));
  for (let start = 0; start < effects.length; start += pageSize) {
    const some = effects.slice(start, start + pageSize);
    const missing = some.flatMap(({ targetId }) => (known.has(targetId) ? [] : [targetId]));
    const found = missing.length === 0 ? [] : await port.get(object.target.object, missing);
    const records = new Map(found.map((record) => [record.id, record]));
    await context.ledger.effects.setAfter(
      some.flatMap(({ id, targetId }) => {
        const record = known.get(targetId) ?? records.get(targetId);
        return record === undefined ? [] : [{ id, after: seenOf(record) }];
      }),
    );
  }
}
