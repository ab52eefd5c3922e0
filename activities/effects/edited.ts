import type { TargetRecord } from '../../contracts/adapter.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { changedByOthers } from '../../domain/rollback/case.ts';
import { foldImages, type OwnImages, type RecordNature } from '../../domain/rollback/images.ts';
import type { EffectRow } from '../../ledger/effect-row.ts';
import type { Context } from '../deps.ts';
import { capabilityOf } from './proof.ts';
import { seenOf } from './resolve.ts';
import { standingEffects } from './standing.ts';

/** What our effects on one record (oldest first) left of it. One that came too late to change anything left it as it was found. */
export function imagesOf(effects: readonly EffectRow[], nature: RecordNature): OwnImages {
  return foldImages(
    effects.map(({ operation, fields, before, after, status }) => ({
      ...{ operation, fields, before },
      after: after ?? (status === 'unchanged' ? before : null),
    })),
    nature,
  );
}

/**
 * Of each record that we wrote, by its source key, the names of the fields (`state` among them) that somebody changed after a write of ours and that
 * are not as we left them. Records we never wrote are absent.
 */
export async function editedSince(
  context: Context,
  object: ObjectPlan,
  records: readonly { readonly key: string; readonly target: TargetRecord }[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { system, object: targetObject } = object.target;
  const capability = capabilityOf(context.sys.target(system).capabilities.objects, targetObject);
  const { volatile, decimals, halfWay } = capability;
  const keys = records.map(({ key }) => key);
  const standing = standingEffects(keys.length === 0 ? [] : await context.ledger.effects.history(context.scope, system, object.name, keys));
  return new Map(
    records.flatMap(({ key, target }) => {
      const effects = (standing.get(key) ?? []).filter(({ targetId }) => targetId === target.id);
      if (effects.length === 0) return [];
      const { after } = imagesOf(effects, capability);
      return [[key, changedByOthers({ after, volatile, decimals, halfWayStates: halfWay }, seenOf(target))]];
    }),
  );
}
