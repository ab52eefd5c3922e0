import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk-row.ts';
import type { Owner } from '../../ledger/owners.ts';
import type { StagedRecord } from '../../ledger/records.ts';
import type { Context } from '../deps.ts';
import { activations, isOfEarlierAttempt } from '../effects/activations.ts';
import { workedOnSince } from '../effects/edited.ts';
import { capabilityOf, keyText } from '../effects/proof.ts';
import { baselinesOf } from './baseline.ts';
import { findCandidates } from './candidates.ts';
import type { Desired } from './desired.ts';
import type { Situation } from './plan-record.ts';

/** A staged record with what the mapping makes of it and its crosswalk row. */
export interface Mapped {
  readonly record: StagedRecord;
  readonly desired: Desired;
  readonly row: CrosswalkRow | null;
}

/** Reads all that the decisions about these records rest on: target records, candidates, what the last load left in them. */
export async function situate(context: Context, object: ObjectPlan, mapped: readonly Mapped[]): Promise<readonly Situation[]> {
  const { system, object: targetObject } = object.target;
  const port = context.sys.target(system);
  const known = mapped.flatMap(({ row }) => (row === null ? [] : [row]));
  const targets = new Map(
    (known.length === 0
      ? []
      : await port.get(
          targetObject,
          known.map((row) => row.targetId),
        )
    ).map((record) => [record.id, record]),
  );
  const unmatched = mapped.flatMap(({ record, row, desired }) =>
    row === null && desired.fields !== null ? [{ sourceId: record.sourceId, desired: desired.fields }] : [],
  );
  const { keyField } = capabilityOf(port.capabilities.objects, targetObject);
  const found = unmatched.length === 0 ? new Map<string, readonly TargetRecord[]>() : await findCandidates(context, object, unmatched);
  const owners = await ownersOf(context, object, [...found.values()].flat());
  const candidates = new Map(
    unmatched.map(({ sourceId, desired }) => [sourceId, withoutGoing(found.get(sourceId) ?? [], keyField, desired, owners)]),
  );
  const lost = await lostBefore(
    context,
    object,
    mapped.filter(({ row, desired }) => row === null && desired.fields !== null && keyText(desired.fields, keyField).trim() === ''),
  );
  const fallback = object.fallback === undefined || candidates.size === 0 ? null : await fallbackRecord(context, object, object.fallback);
  const moved = mapped.flatMap(({ record, row, desired }) =>
    row === null || desired.hash === null || desired.hash === row.contentHash ? [] : [{ sourceId: record.sourceId, row }],
  );
  const baselines = await baselinesOf(context, object, moved);
  const edited = await workedOnSince(
    context,
    object,
    mapped.flatMap(({ record, row }) => {
      const target = row === null || record.disposition !== 'gone' ? undefined : targets.get(row.targetId);
      return target === undefined ? [] : [{ key: record.sourceId, target }];
    }),
  );
  const nature = capabilityOf(port.capabilities.objects, targetObject);
  const isActivated = (target: TargetRecord | undefined): boolean => nature.activated.includes(target?.state ?? '');
  const activated = moved.filter(({ row }) => isActivated(targets.get(row.targetId))).map(({ sourceId }) => sourceId);
  const earlier = new Set(
    (await activations(context, object, activated)).filter(isOfEarlierAttempt).flatMap(({ targetId }) => targetId ?? []),
  );
  return mapped.map(({ record, desired, row }) => ({
    object,
    record,
    row,
    ...claimsOn(record, row === null ? (candidates.get(record.sourceId) ?? []) : [], owners),
    fallback,
    nature,
    mayBeThere: lost.has(record.sourceId),
    desired: desired.fields === null ? null : { fields: desired.fields, hash: desired.hash },
    problem: desired.problem,
    seen: row === null ? (candidates.get(record.sourceId) ?? []) : [targets.get(row.targetId)].filter((target) => target !== undefined),
    activated: isActivated(row === null ? candidates.get(record.sourceId)?.[0] : targets.get(row.targetId)),
    activatedBefore: row !== null && earlier.has(row.targetId),
    halfWay: row !== null && nature.halfWay.includes(targets.get(row.targetId)?.state ?? ''),
    baseline: baselines.get(record.sourceId) ?? {},
    edited: edited.get(record.sourceId) ?? [],
  }));
}

/** Of these records, which have no key, those of which an earlier attempt sent a create that came to an end nobody can tell. */
async function lostBefore(
  { ledger, ref, scope }: Context,
  { name, target }: ObjectPlan,
  keyless: readonly Mapped[],
): Promise<ReadonlySet<string>> {
  const keys = keyless.map(({ record }) => record.sourceId);
  return keys.length === 0 ? new Set() : ledger.effects.lostCreates(ref.run, scope, target.system, name, keys);
}

/**
 * Candidates without those that we made for a record that is gone, and that a load deletes: what a match rule is to find was there before us. One that has
 * the very key stays a candidate, because there must be no second one under it.
 */
function withoutGoing(
  found: readonly TargetRecord[],
  keyField: string,
  desired: Fields,
  owners: ReadonlyMap<string, Owner>,
): readonly TargetRecord[] {
  return found.filter(({ id, fields }) => {
    const owner = owners.get(id);
    return fields[keyField] === desired[keyField] || owner?.gone !== true || !owner.goesAlong;
  });
}

/** Of a record's candidates those that stand for other source records, with their owners, and those that only this one may have written to. */
function claimsOn(
  { object, sourceId }: StagedRecord,
  seen: readonly TargetRecord[],
  owners: ReadonlyMap<string, Owner>,
): Pick<Situation, 'taken' | 'ours'> {
  const claims = seen.flatMap(({ id }) => {
    const owner = owners.get(id);
    return owner === undefined ? [] : [{ id, owner, isOwn: owner.object === object && owner.sourceId === sourceId }];
  });
  return {
    taken: new Map(claims.filter(({ isOwn }) => !isOwn).map(({ id, owner }) => [id, owner])),
    ours: new Set(claims.filter(({ isOwn }) => isOwn).map(({ id }) => id)),
  };
}

/**
 * Owners of the candidates, by target id. One that is gone from the source, and was only recognised, gives its candidate up, and what was open about that
 * is closed.
 */
async function ownersOf(
  { ledger, ref, scope }: Context,
  { target: { system, object } }: ObjectPlan,
  records: readonly TargetRecord[],
): Promise<ReadonlyMap<string, Owner>> {
  if (records.length === 0) return new Map();
  const ids = records.map(({ id }) => id);
  const owners = await ledger.owners.claims(scope, system, object, ids);
  const ofGone = [...owners].filter(([, { gone }]) => gone).map(([id]) => id);
  if (ofGone.length === 0) return owners;
  const released = await ledger.owners.releaseGone(scope, system, object, ofGone);
  for (const [name, some] of Map.groupBy(released.values(), (owner) => owner.object)) {
    const keys = some.map(({ sourceId }) => sourceId);
    await ledger.exceptions.close(ref.run, name, keys, kindsThat('curedByLoad'));
  }
  return new Map([...owners].filter(([id]) => !released.has(id)));
}

async function fallbackRecord(context: Context, object: ObjectPlan, key: string): Promise<TargetRecord | null> {
  const found = await context.sys.target(object.target.system).findByKey(object.target.object, [key]);
  return found.find((record) => record.state === 'active') ?? null;
}
