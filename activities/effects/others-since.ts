import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { hullSince } from '../../domain/effects/skew.ts';
import type { UnreadEffect } from '../../ledger/effects.ts';
import type { Context } from '../deps.ts';

/**
 * Target ids of the records of these effects on which somebody else has worked since the first of them was intended, and was the last who did: by the
 * change feed of the target, and its own clock as it was measured.
 */
export async function touchedSince(
  { ledger, scope, sys }: Context,
  { target }: ObjectPlan,
  effects: readonly Pick<UnreadEffect, 'targetId' | 'intendedAt'>[],
): Promise<ReadonlySet<string>> {
  if (effects.length === 0) return new Set();
  const wanted = new Set(effects.map(({ targetId }) => targetId));
  const firstMs = Math.min(...effects.map(({ intendedAt }) => intendedAt.getTime()));
  const offset = hullSince(await ledger.clocks.readingsSince(scope, target.system, new Date(firstMs)), firstMs);
  // Without a measured offset whoever worked on it at any time counts: then nothing of theirs passes for ours.
  const since = new Date(offset === null ? 0 : firstMs + offset.leastMs);
  const touched = new Set<string>();
  for await (const page of sys.target(target.system).changesSince([target.object], since.toISOString()))
    for (const { id } of page) if (wanted.has(id)) touched.add(id);
  return touched;
}
