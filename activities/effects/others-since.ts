import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { hullsOf } from '../../domain/effects/skew.ts';
import type { UnreadEffect } from '../../ledger/effects.ts';
import type { Context } from '../deps.ts';

/**
 * Target ids of the records of these effects on which somebody else has worked since the first of them was intended, and was the last who did: by what
 * the target tells, and its own clock as it was measured.
 */
export async function touchedSince(
  { ledger, scope, sys }: Context,
  { target }: Pick<ObjectPlan, 'target'>,
  effects: readonly Pick<UnreadEffect, 'targetId' | 'intendedAt'>[],
): Promise<ReadonlySet<string>> {
  if (effects.length === 0) return new Set();
  const firstMs = Math.min(...effects.map(({ intendedAt }) => intendedAt.getTime()));
  const offset = hullsOf(await ledger.clocks.readingsSince(scope, target.system, new Date(firstMs)))(firstMs);
  // Without a measured offset whoever worked on it at any time counts: then nothing of theirs passes for ours.
  const since = new Date(offset === null ? 0 : firstMs + offset.leastMs);
  const ids = [...new Set(effects.map(({ targetId }) => targetId))];
  return new Set(await sys.target(target.system).touched(target.object, ids, since.toISOString()));
}
