import type { TargetRecord } from '../../contracts/adapter.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { changedByOthers, type AfterImage } from '../../domain/rollback/case.ts';
import type { EffectRow } from '../../ledger/effect-row.ts';
import type { Context } from '../deps.ts';
import { capabilityOf } from './proof.ts';
import { seenOf } from './resolve.ts';
import { fieldsSent, standingEffects } from './standing.ts';

/** States in which these operations leave a record, whatever else they do. */
export const endStates: Partial<Record<EffectRow['operation'], string>> = {
  deactivate: 'inactive',
  reactivate: 'active',
  cancel: 'cancelled',
};

/** Our image of a record after these effects (oldest first): as it was read back, or what was sent where a rollback came before that read. */
export function afterImageOf(effects: readonly EffectRow[]): AfterImage {
  const sent = fieldsSent(effects);
  const newest = effects.at(-1);
  if (newest?.after == null) return { state: (newest && endStates[newest.operation]) ?? null, fields: sent, whole: false };
  return { state: newest.after.state, fields: newest.after.fields, whole: true, ours: Object.keys(sent) };
}

/**
 * Of each record that we wrote, by its source key, the names of the fields (`state` among them) in which it is no longer as our last write left
 * it. Records we never wrote are absent.
 */
export async function editedSince(
  context: Context,
  object: ObjectPlan,
  records: readonly { readonly key: string; readonly target: TargetRecord }[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { system, object: targetObject } = object.target;
  const { volatile, decimals, halfWay } = capabilityOf(context.sys.target(system).capabilities.objects, targetObject);
  const keys = records.map(({ key }) => key);
  const standing = standingEffects(keys.length === 0 ? [] : await context.ledger.effects.history(context.scope, system, object.name, keys));
  return new Map(
    records.flatMap(({ key, target }) => {
      const effects = standing.get(key);
      if (effects === undefined) return [];
      return [[key, changedByOthers({ after: afterImageOf(effects), volatile, decimals, halfWayStates: halfWay }, seenOf(target))]];
    }),
  );
}
