import type { ObjectCapability, TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { OpenCall } from '../../ledger/calls.ts';
import type { Context } from '../deps.ts';
import { keyText, proofOf } from './proof.ts';
import { hasKey, holdsAll, lookalikes } from './without-key.ts';

/** What a target shows of a call whose outcome is unknown. */
export interface Sighting {
  readonly call: OpenCall;
  readonly record: TargetRecord | null;
  readonly ours: boolean;
  /** More records of ours under the same key. */
  readonly doubles: number;
  /** What is not seen is not there: false where a record without a key may be any of several, or none of them. */
  readonly isSought: boolean;
}

/**
 * The records that calls were about, all of one object: by id where a call had one, else the lowest id of ours under its key, else whatever stands there,
 * which is never absent; one without a key by what it was made of. A number of reads that does not depend on how many calls there are, as long as they are one batch.
 */
export async function sightings(
  context: Context,
  port: TargetPort,
  capability: ObjectCapability,
  calls: readonly OpenCall[],
): Promise<readonly Sighting[]> {
  const [creates, others] = [
    calls.filter(({ effect }) => effect.operation === 'create'),
    calls.filter(({ effect }) => effect.operation !== 'create'),
  ];
  return [...(await ofCreates(context, port, capability, creates)), ...(await ofOthers(port, others))];
}

async function ofOthers(port: TargetPort, calls: readonly OpenCall[]): Promise<readonly Sighting[]> {
  const ids = [...new Set(calls.flatMap(({ effect }) => effect.targetId ?? []))];
  const object = calls[0]?.effect.targetObject;
  const records = object === undefined || ids.length === 0 ? [] : await port.get(object, ids);
  const byId = new Map(records.map((record) => [record.id, record]));
  return calls.map((call) => ({ call, record: byId.get(call.effect.targetId ?? '') ?? null, ours: true, doubles: 0, isSought: true }));
}

async function ofCreates(
  context: Context,
  port: TargetPort,
  capability: ObjectCapability,
  calls: readonly OpenCall[],
): Promise<readonly Sighting[]> {
  const [keyed, others] = [calls.filter((call) => hasKey(call, capability)), calls.filter((call) => !hasKey(call, capability))];
  return [...(await ofKeyed(context, port, capability, keyed)), ...(await ofKeyless(context, port, capability, others))];
}

async function ofKeyed(
  context: Context,
  port: TargetPort,
  capability: ObjectCapability,
  calls: readonly OpenCall[],
): Promise<readonly Sighting[]> {
  const sample = calls[0]?.effect;
  if (sample === undefined) return [];
  const keyOf = ({ effect }: OpenCall): string => keyText(effect.fields, capability.keyField);
  const found = await port.findByKey(sample.targetObject, [...new Set(calls.map(keyOf))]);
  const byKey = Map.groupBy(found, ({ key }) => key);
  const isOurs = await ownership(context, capability, calls, found);
  return calls.map((call) => {
    const under = byKey.get(keyOf(call)) ?? [];
    const ours = under.filter((record) => isOurs(record, call));
    const record = lowest(ours.length > 0 ? ours : under);
    return { call, record, ours: ours.length > 0, doubles: Math.max(0, ours.length - 1), isSought: true };
  });
}

/** Without a key a record is known by what was sent: the only one of ours that looks like it is it, none is none, and of anything else nobody can tell. */
async function ofKeyless(
  context: Context,
  port: TargetPort,
  capability: ObjectCapability,
  calls: readonly OpenCall[],
): Promise<readonly Sighting[]> {
  const found = await lookalikes(port, calls);
  const all = found.flatMap(({ records }) => records);
  const isOurs = await ownership(context, capability, calls, all);
  return calls.map((call, index) => {
    const { records, isAll } = found[index] ?? { records: [], isAll: false };
    const ours = records.filter((record) => isOurs(record, call));
    const [only = null] = ours;
    const isIt = isAll && ours.length === 1 && only !== null && holdsAll(call, only, capability);
    return { call, record: isIt ? only : null, ours: isIt, doubles: 0, isSought: isIt || (isAll && only === null) };
  });
}

/** Tells whether a record that was found is of a call: proved to be, and standing for no other source record. */
async function ownership(
  context: Context,
  capability: ObjectCapability,
  calls: readonly OpenCall[],
  found: readonly TargetRecord[],
): Promise<(record: TargetRecord, call: OpenCall) => boolean> {
  const sample = calls[0]?.effect;
  if (sample === undefined || found.length === 0) return () => false;
  const ids = [...new Set(found.map(({ id }) => id))];
  const owners = await context.ledger.owners.of(context.scope, sample.system, sample.targetObject, ids);
  const proves = await proofOf(
    context,
    sample.system,
    capability,
    calls.map(({ effect }) => effect),
  );
  return (record, { effect }) => {
    const owner = owners.get(record.id);
    const isTaken = owner !== undefined && (owner.object !== effect.object || owner.sourceId !== effect.sourceId);
    return !isTaken && proves(record, effect);
  };
}

function lowest(records: readonly TargetRecord[]): TargetRecord | null {
  return records.reduce<TargetRecord | null>(
    (least, record) =>
      least === null || record.id.length < least.id.length || (record.id.length === least.id.length && record.id < least.id)
        ? record
        : least,
    null,
  );
}
