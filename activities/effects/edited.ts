import type { TargetRecord } from '../../contracts/adapter.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { changedByOthers } from '../../domain/rollback/case.ts';
import { foldImages, type OwnImages, type RecordNature } from '../../domain/rollback/images.ts';
import type { EffectRow } from '../../ledger/effect-row.ts';
import type { Context } from '../deps.ts';
import { touchedSince } from './others-since.ts';
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

/** A record of the target, by its source key. */
interface Keyed {
  readonly key: string;
  readonly target: TargetRecord;
}

/**
 * Of each record that we wrote, by its source key, the names of the fields (`state` among them) that somebody changed after a write of ours and that
 * are not as we left them. Records we never wrote are absent.
 */
export async function editedSince(
  context: Context,
  object: ObjectPlan,
  records: readonly Keyed[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  return namesOf(context, object, records, await writesOf(context, object, records));
}

/**
 * The same of records that are to be deleted. Where nothing that is read tells of anybody, the target is asked, for all of them at once, who worked on them
 * since we made them: what is not read is lost with its record too.
 */
export async function workedOnSince(
  context: Context,
  object: ObjectPlan,
  records: readonly Keyed[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const writes = await writesOf(context, object, records);
  const names = namesOf(context, object, records, writes);
  const asked = records.flatMap(({ key, target }) => {
    const [first] = writes.get(key) ?? [];
    return first === undefined || (names.get(key) ?? []).length > 0 ? [] : [{ targetId: target.id, intendedAt: first.intendedAt }];
  });
  const touched = await touchedSince(context, object, asked);
  const unread = records.flatMap(({ key, target }) => (touched.has(target.id) ? [[key, ['what the runner does not read']] as const] : []));
  return new Map([...names, ...unread]);
}

/** Our effects that stand in each of these records, oldest first, by its source key. */
async function writesOf(
  context: Context,
  { name, target: { system } }: ObjectPlan,
  records: readonly Keyed[],
): Promise<ReadonlyMap<string, readonly EffectRow[]>> {
  const keys = records.map(({ key }) => key);
  const standing = standingEffects(keys.length === 0 ? [] : await context.ledger.effects.history(context.scope, system, name, keys));
  return new Map(
    records.map(({ key, target }) => [key, (standing.get(key) ?? []).filter(({ targetId }) => targetId === target.id)] as const),
  );
}

function namesOf(
  context: Context,
  { target: { system, object } }: ObjectPlan,
  records: readonly Keyed[],
  writes: ReadonlyMap<string, readonly EffectRow[]>,
): ReadonlyMap<string, readonly string[]> {
  const capability = capabilityOf(context.sys.target(system).capabilities.objects, object);
  const { volatile, decimals, halfWay } = capability;
  return new Map(
    records.flatMap(({ key, target }) => {
      const effects = writes.get(key) ?? [];
      if (effects.length === 0) return [];
      const { after } = imagesOf(effects, capability);
      return [[key, changedByOthers({ after, volatile, decimals, halfWayStates: halfWay }, seenOf(target))]];
    }),
  );
}
