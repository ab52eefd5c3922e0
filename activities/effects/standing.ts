import type { Fields } from '../../contracts/fields.ts';
import { standingStatuses } from '../../domain/effects/outcome.ts';
import type { EffectRow } from '../../ledger/effect-row.ts';

/** Of each record the effects of ours that stand in it, oldest first: what was deleted, undone or given up by a rollback no longer does. */
export function standingEffects(history: readonly EffectRow[]): ReadonlyMap<string, readonly EffectRow[]> {
  const standing = new Map<string, readonly EffectRow[]>();
  for (const effect of history) {
    const { sourceId } = effect;
    if (effect.operation === 'delete' || !standingStatuses.includes(effect.status)) standing.delete(sourceId);
    else if (effect.undoes === null) standing.set(sourceId, [...(standing.get(sourceId) ?? []), effect]);
  }
  return standing;
}

/** What these effects wrote, field by field. */
export function fieldsSent(effects: readonly EffectRow[]): Fields {
  return Object.assign({}, ...effects.map((effect) => effect.fields)) as Fields;
}
