import type { ObjectCapability, TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { OpenCall } from '../../ledger/calls.ts';
import type { Context } from '../deps.ts';
import { proofOf } from './proof.ts';

/** What a target shows of a call whose outcome is unknown. */
export interface Sighting {
  readonly call: OpenCall;
  readonly record: TargetRecord | null;
  readonly ours: boolean;
  /** More records of ours under the same key. */
  readonly doubles: number;
}

/**
 * The records that calls were about, all of one object: by id where a call had one, else the lowest id of ours under its key, else whatever stands there,
 * which is never absent. A number of reads that does not depend on how many calls there are, as long as they are one batch.
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
  return calls.map((call) => ({ call, record: byId.get(call.effect.targetId ?? '') ?? null, ours: true, doubles: 0 }));
}

async function ofCreates(
  context: Context,
  port: TargetPort,
  capability: ObjectCapability,
  calls: readonly OpenCall[],
): Promise<readonly Sighting[]> {
  const sample = calls[0]?.effect;
  if (sample === undefined) return [];
  const { system, targetObject } = sample;
  const found = await port.findByKey(targetObject, [...new Set(calls.map((call) => keyOf(call, capability)))]);
  const byKey = Map.groupBy(found, ({ key }) => key);
  const ids = [...new Set(found.map(({ id }) => id))];
  const owners = ids.length === 0 ? new Map<string, never>() : await context.ledger.owners.of(context.scope, system, targetObject, ids);
  const effects = calls.map(({ effect }) => effect);
  const isOurs = await proofOf(context, system, capability, found.length === 0 ? [] : effects);
  return calls.map((call) => {
    const { effect } = call;
    const under = byKey.get(keyOf(call, capability)) ?? [];
    const ours = under.filter((record) => {
      const owner = owners.get(record.id);
      const isTaken = owner !== undefined && (owner.object !== effect.object || owner.sourceId !== effect.sourceId);
      return !isTaken && isOurs(record, effect);
    });
    return { call, record: lowest(ours.length > 0 ? ours : under), ours: ours.length > 0, doubles: Math.max(0, ours.length - 1) };
  });
}

function keyOf({ effect }: OpenCall, { keyField }: ObjectCapability): string {
  const key = effect.fields[keyField];
  if (typeof key !== 'string') throw new Error(`effect ${effect.id} has no text in its key field ${keyField}`);
  return key;
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
