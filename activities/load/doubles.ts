import { standingStatuses } from '../../domain/effects/outcome.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { TargetRecord } from '../../contracts/adapter.ts';
import type { CreateRow, ProvableCreate } from '../../ledger/effect-row.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import type { Intended } from '../effects/intended.ts';
import { touchedSince } from '../effects/others-since.ts';
import { perform } from '../effects/perform.ts';
import { nothing, type Performed } from '../effects/performed.ts';
import { capabilityOf, keyText, proofOf } from '../effects/proof.ts';
import { seenOf } from '../effects/resolve.ts';
import { newEffects } from './new-effect.ts';

/** A record of ours under the key of one of our creates that is not the one the crosswalk names. */
interface Double {
  readonly effect: ProvableCreate;
  readonly record: TargetRecord;
}

/** A create and the key it wrote. */
interface Keyed {
  readonly id: string;
  readonly key: string;
}

/** The records of a target under the keys of creates. */
export interface UnderKeys {
  readonly creates: readonly Keyed[];
  readonly found: readonly (TargetRecord & { readonly key: string })[];
}

/** Reads every record that stands under the keys of these creates. */
export async function readUnderKeys(
  { sys }: Context,
  { target }: Pick<ObjectPlan, 'target'>,
  creates: readonly Pick<CreateRow, 'id' | 'fields'>[],
): Promise<UnderKeys> {
  const port = sys.target(target.system);
  const { keyField } = capabilityOf(port.capabilities.objects, target.object);
  const keyed = creates.map(({ id, fields }) => ({ id, key: keyText(fields, keyField) }));
  const keys = [...new Set(keyed.map(({ key }) => key))];
  return { creates: keyed, found: keys.length === 0 ? [] : await port.findByKey(target.object, keys) };
}

/** Of the records under the keys of our creates every one of ours that is not the crosswalk's (P2). */
export async function doublesAmong(
  context: Context,
  { target }: Pick<ObjectPlan, 'target'>,
  { creates, found }: UnderKeys,
): Promise<readonly Double[]> {
  // A record that stands for anything, or is just being taken over, is no double.
  const named = await context.ledger.owners.of(
    context.scope,
    target.system,
    target.object,
    found.map(({ id }) => id),
  );
  const strange = found.filter(({ id }) => !named.has(id));
  if (strange.length === 0) return [];
  const capability = capabilityOf(context.sys.target(target.system).capabilities.objects, target.object);
  const keys = new Set(strange.map(({ key }) => key));
  const suspects = creates.filter(({ key }) => keys.has(key));
  const provable = new Map((await context.ledger.effects.provable(suspects.map(({ id }) => id))).map((effect) => [effect.id, effect]));
  const byKey = Map.groupBy(suspects, ({ key }) => key);
  const isOurs = await proofOf(context, target.system, capability, [...provable.values()]);
  const doubles: Double[] = [];
  for (const record of strange) {
    const own = (byKey.get(record.key) ?? []).flatMap(({ id }) => provable.get(id) ?? []);
    const effect = own.find((one) => isOurs(record, one));
    if (effect !== undefined) doubles.push({ effect, record });
  }
  return doubles;
}

/**
 * What stands under the keys of the creates of a lane that stand in the target: those just applied, and those of earlier claims. Null where the target
 * takes no second record under a key.
 */
export async function readKeysOfLane(
  context: Context,
  lane: ClaimedLane,
  object: ObjectPlan,
  rows: readonly Intended[],
  applied: readonly string[],
): Promise<UnderKeys | null> {
  const { keyIsUnique } = capabilityOf(context.sys.target(object.target.system).capabilities.objects, object.target.object);
  if (keyIsUnique) return null;
  const now = new Set(applied);
  const own = rows.flatMap(({ effect }) => (effect.operation === 'create' && now.has(effect.id) ? [effect] : []));
  const earlier = await context.ledger.effects.standingCreates(lane.token);
  const creates = [...earlier, ...own].filter((effect) => effect.object === object.name && effect.undoes === null);
  return readUnderKeys(context, object, creates);
}

/**
 * Deletes doubles as effects of the lane; a call still open keeps its own record out of it. One that somebody worked on stays, and the verification tells of
 * it.
 */
export async function sweepDoubles(
  context: Context,
  lane: ClaimedLane,
  object: ObjectPlan,
  underKeys: UnderKeys,
): Promise<Pick<Performed, 'stopped'>> {
  const found = (await doublesAmong(context, object, underKeys)).filter(({ effect }) => standingStatuses.includes(effect.status));
  const made = found.map(({ effect, record }) => ({ targetId: record.id, intendedAt: effect.firstIntendedAt }));
  const touched = await touchedSince(context, object, made);
  const doubles = found.filter(({ record }) => !touched.has(record.id));
  if (doubles.length === 0) return nothing;
  const deletes = await newEffects(
    lane,
    doubles.map(({ effect: { id, system, object: name, targetObject, sourceId }, record }) => ({
      ...{ system, object: name, targetObject, sourceId: `${sourceId}#${record.id}` },
      operation: 'delete',
      contentHash: 'double',
      fields: {},
      before: seenOf(record),
      targetId: record.id,
      origin: null,
      undoes: id,
    })),
  );
  const rows = deletes.map((effect, index): Intended => ({ effect, stamp: doubles[index]?.record.stamp ?? null }));
  const performed = await perform(lane, object.target.system, object.target.object, rows);
  await context.ledger.lanes.count(lane.row.id, { doublesRemoved: performed.applied.length });
  return performed;
}
