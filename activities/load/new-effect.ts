import { beforeOfRetry } from '../../domain/effects/retry.ts';
import type { NewEffect, PlainEffect } from '../../ledger/effect-row.ts';
import type { LaneToken } from '../../ledger/tokens.ts';
import { effectId } from '../../records/canonical.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { capabilityOf } from '../effects/proof.ts';
import { inTurns } from '../in-turns.ts';

/** What an effect does, before it has its id and revision. */
export type EffectDraft = Omit<NewEffect, 'id' | 'revision'>;

/**
 * Gives effects their deterministic ids (P2). The revision grows with every effect on a record that has ended otherwise;
 * an effect of the same content that wrote nothing so far keeps its revision, so that a retry is the same effect.
 */
export async function newEffects(lane: ClaimedLane, drafts: readonly EffectDraft[]): Promise<readonly NewEffect[]> {
  const places = new Map(drafts.map(({ system, object }) => [JSON.stringify([system, object]), { system, object }]));
  const newest = new Map<string, ReadonlyMap<string, PlainEffect>>();
  for (const [place, { system, object }] of places) {
    const keys = drafts.filter((draft) => draft.system === system && draft.object === object).map(({ sourceId }) => sourceId);
    newest.set(place, await lane.context.ledger.effects.newest(lane.token.scope, system, object, keys));
  }
  const retried = new Set<string>();
  const effects = await inTurns(drafts, (draft) => {
    const last = newest.get(JSON.stringify([draft.system, draft.object]))?.get(draft.sourceId);
    const effect = named(lane.token, draft, last);
    if (effect.id === last?.id && effect.before !== null) retried.add(effect.id);
    return effect;
  });
  return retried.size === 0 ? effects : withBefores(lane, effects, retried);
}

/** Effects of which some are called again, those with the record before them as it counts now. */
async function withBefores(
  { context }: ClaimedLane,
  effects: readonly NewEffect[],
  retried: ReadonlySet<string>,
): Promise<readonly NewEffect[]> {
  const befores = await context.ledger.effects.beforesOf([...retried]);
  return effects.map((effect) => {
    const first = befores.get(effect.id);
    if (first === undefined || effect.before === null) return effect;
    const nature = capabilityOf(context.sys.target(effect.system).capabilities.objects, effect.targetObject);
    return { ...effect, before: beforeOfRetry(first, effect.before, effect.fields, nature) };
  });
}

/** One effect with its id. Rejects as the ledger does. */
export async function newEffect(lane: ClaimedLane, draft: EffectDraft): Promise<NewEffect> {
  const [effect] = await newEffects(lane, [draft]);
  if (effect === undefined) throw new Error('no effect was made of a draft');
  return effect;
}

function named({ scope, run, wave, attempt }: LaneToken, draft: EffectDraft, last: PlainEffect | undefined): NewEffect {
  const same =
    last?.operation === draft.operation &&
    last.contentHash === draft.contentHash &&
    last.wave === wave &&
    last.attempt === attempt &&
    last.undoes === draft.undoes &&
    last.run === run &&
    last.targetId === draft.targetId &&
    (last.status === 'absent' || last.status === 'rejected');
  const revision = last === undefined ? 1 : same ? last.revision : last.revision + 1;
  const id = effectId([scope, run, wave, String(attempt), draft.system, draft.object, draft.sourceId, draft.operation, String(revision)]);
  return { ...draft, id, revision };
}
