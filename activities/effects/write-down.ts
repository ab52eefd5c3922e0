import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Context } from '../deps.ts';
import { ownedBy } from '../load/plan-record.ts';
import { readAfterImages, type Written } from './after-images.ts';
import type { ClaimedLane } from './claimed-lane.ts';
import type { Performed } from './performed.ts';

/**
 * Writes down what the calls of a lane came to: an exception for each refusal and each target record of another owner, the lane's counters, the records
 * as we left them. `written` are the writes, and records that were read after them already. Whoever has claimed the lane meanwhile, or does so after a
 * hold, asks the target again: exceptions are left to that claim.
 */
export async function writeDown(
  context: Context,
  lane: ClaimedLane,
  object: ObjectPlan,
  performed: Performed,
  written: Written,
): Promise<void> {
  const { ledger, scope } = context;
  const failed = [...performed.refused, ...performed.taken].map(({ effect }) => effect.sourceId);
  const accounts = await ledger.records.accountsOf(scope, object.name, failed);
  const named = (sourceId: string): { object: string; sourceId: string; account: string | null } => ({
    ...{ object: object.name, sourceId, account: accounts.get(sourceId) ?? null },
  });
  await ledger.exceptions.openByLane(lane.token, [
    ...performed.refused.map(({ effect, message }) => ({
      ...named(effect.sourceId),
      kind: 'refused' as const,
      message: `${object.target.system} refused to ${effect.operation} it: ${message}`,
    })),
    ...performed.taken.map(({ effect, owner }) => ownedBy(object, named(effect.sourceId), effect.targetId ?? '', owner)),
  ]);
  await ledger.lanes.count(lane.row.id, { applied: performed.applied.length, refused: performed.refused.length });
  await readAfterImages(context, lane, object, written);
}
