import type { TargetRecord } from '../../contracts/adapter.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk-row.ts';
import type { SourceName } from '../../ledger/owners.ts';
import type { StagedRecord } from '../../ledger/records.ts';
import type { Context } from '../deps.ts';
import { activations, isOfEarlierAttempt } from '../effects/activations.ts';
import { editedSince } from '../effects/edited.ts';
import { capabilityOf } from '../effects/proof.ts';
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
  const candidates = unmatched.length === 0 ? new Map<string, readonly TargetRecord[]>() : await findCandidates(context, object, unmatched);
  const owners = await ownersOf(context, object, [...candidates.values()].flat());
  const fallback = object.fallback === undefined || candidates.size === 0 ? null : await fallbackRecord(context, object, object.fallback);
  const moved = mapped.flatMap(({ record, row, desired }) =>
    row === null || desired.hash === null || desired.hash === row.contentHash ? [] : [{ sourceId: record.sourceId, row }],
  );
  const baselines = await baselinesOf(context, object, moved);
  const edited = await editedSince(
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
    taken: takenFrom(record, row === null ? (candidates.get(record.sourceId) ?? []) : [], owners),
    fallback,
    nature,
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

/** Owners of a record's candidates that stand for other source records, by target id. */
function takenFrom(
  { object, sourceId }: StagedRecord,
  seen: readonly TargetRecord[],
  owners: ReadonlyMap<string, SourceName>,
): ReadonlyMap<string, SourceName> {
  return new Map(
    seen.flatMap(({ id }) => {
      const owner = owners.get(id);
      return owner === undefined || (owner.object === object && owner.sourceId === sourceId) ? [] : [[id, owner] as const];
    }),
  );
}

/** Owners of the candidates, by target id. */
async function ownersOf(context: Context, object: ObjectPlan, records: readonly TargetRecord[]): Promise<ReadonlyMap<string, SourceName>> {
  if (records.length === 0) return new Map();
  return context.ledger.owners.of(
    context.scope,
    object.target.system,
    object.target.object,
    records.map(({ id }) => id),
  );
}

async function fallbackRecord(context: Context, object: ObjectPlan, key: string): Promise<TargetRecord | null> {
  const found = await context.sys.target(object.target.system).findByKey(object.target.object, [key]);
  return found.find((record) => record.state === 'active') ?? null;
}
