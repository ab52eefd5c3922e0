import { standingStatuses } from '../../domain/effects/outcome.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { TargetRecord } from '../../contracts/adapter.ts';
import type { EffectRow } from '../../ledger/effect-row.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import type { Intended } from '../effects/intended.ts';
import { perform } from '../effects/perform.ts';
import { nothing, type Performed } from '../effects/performed.ts';
import { capabilityOf, keyText, oursAmong } from '../effects/proof.ts';
import { seenOf } from '../effects/resolve.ts';
import { newEffects } from './new-effect.ts';

/** A record of ours under the key of one of our creates that is not the one the crosswalk names. */
export interface Double {
  readonly effect: EffectRow;
  readonly record: TargetRecord;
}

/** Looks, in a target that does not enforce our key, for every record of ours that is not the crosswalk's (P2). */
export async function findDoubles(
  context: Context,
  object: Pick<ObjectPlan, 'name' | 'target'>,
  effects: readonly EffectRow[],
): Promise<readonly Double[]> {
  const port = context.sys.target(object.target.system);
  const capability = capabilityOf(port.capabilities.objects, object.target.object);
  const creates = effects.filter((effect) => effect.operation === 'create' && effect.object === object.name && effect.undoes === null);
  if (creates.length === 0) return [];
  const keyOf = (effect: EffectRow): string => keyText(effect.fields, capability.keyField);
  const found = await port.findByKey(object.target.object, [...new Set(creates.map(keyOf))]);
  // A record that stands for anything, or is just being taken over, is no double.
  const named = await context.ledger.owners.of(
    context.scope,
    object.target.system,
    object.target.object,
    found.map(({ id }) => id),
  );
  const byKey = Map.groupBy(creates, keyOf);
  const doubles: Double[] = [];
  for (const record of found.filter(({ id }) => !named.has(id))) {
    const effect = await oursAmong(context, record, capability, byKey.get(record.key) ?? []);
    if (effect !== null) doubles.push({ effect, record });
  }
  return doubles;
}

/** Deletes such doubles as effects of the lane; a call still open keeps its own record out of it. */
export async function sweepDoubles(context: Context, lane: ClaimedLane, object: ObjectPlan): Promise<Pick<Performed, 'stopped'>> {
  const { keyIsUnique } = capabilityOf(context.sys.target(object.target.system).capabilities.objects, object.target.object);
  if (keyIsUnique) return nothing;
  const effects = await context.ledger.effects.ofLane(lane.row.id);
  const settled = effects.filter((effect) => standingStatuses.includes(effect.status));
  const doubles = await findDoubles(context, object, settled);
  if (doubles.length === 0) return nothing;
  const deletes = await newEffects(
    lane,
    doubles.map(({ effect, record }) => ({
      ...effect,
      sourceId: `${effect.sourceId}#${record.id}`,
      operation: 'delete',
      contentHash: 'double',
      fields: {},
      before: seenOf(record),
      targetId: record.id,
      origin: null,
      undoes: effect.id,
    })),
  );
  const rows = deletes.map((effect, index): Intended => ({ effect, stamp: doubles[index]?.record.stamp ?? null }));
  const performed = await perform(lane, object.target.system, object.target.object, rows);
  await context.ledger.lanes.count(lane.row.id, { doublesRemoved: performed.applied.length });
  return performed;
}
