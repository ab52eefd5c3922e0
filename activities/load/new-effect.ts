import type { NewEffect } from '../../ledger/effect-row.ts';
import { effectId } from '../../records/canonical.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';

/** What an effect does, before it has its id and revision. */
export type EffectDraft = Omit<NewEffect, 'id' | 'revision'>;

/**
 * Gives an effect its deterministic id (P2). The revision grows with every effect on a record that has ended otherwise;
 * an effect of the same content that wrote nothing so far keeps its revision, so that a retry is the same effect.
 */
export async function newEffect(lane: ClaimedLane, draft: EffectDraft): Promise<NewEffect> {
  const { scope, wave, attempt } = lane.token;
  const last = await lane.context.ledger.effects.last(scope, draft.system, draft.object, draft.sourceId);
  const same =
    last !== null &&
    last.operation === draft.operation &&
    last.contentHash === draft.contentHash &&
    last.wave === wave &&
    last.attempt === attempt &&
    last.undoes === draft.undoes &&
    last.run === lane.token.run &&
    last.targetId === draft.targetId &&
    (last.status === 'absent' || last.status === 'rejected');
  const revision = last === null ? 1 : same ? last.revision : last.revision + 1;
  const id = effectId([
    scope,
    lane.token.run,
    wave,
    String(attempt),
    draft.system,
    draft.object,
    draft.sourceId,
    draft.operation,
    String(revision),
  ]);
  return { ...draft, id, revision };
}
