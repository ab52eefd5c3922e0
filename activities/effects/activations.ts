import { standingStatuses } from '../../domain/effects/outcome.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { EffectRow } from '../../ledger/effect-row.ts';
import type { Context } from '../deps.ts';

/** Effects by which documents of these source records are known to be activated: by a call of ours, or as a rollback had to leave them. */
export async function activations(
  { ledger, scope }: Context,
  { name, target }: Pick<ObjectPlan, 'name' | 'target'>,
  keys: readonly string[],
): Promise<readonly EffectRow[]> {
  if (keys.length === 0) return [];
  const history = await ledger.effects.history(scope, target.system, name, keys);
  return history.filter(({ operation, status }) => operation === 'activate' || status === 'irreversible');
}

/** Whether the attempt of this effect has been taken back, so that what it left belongs to no attempt that is on its way. */
export function isOfEarlierAttempt({ status }: EffectRow): boolean {
  return !standingStatuses.includes(status);
}
