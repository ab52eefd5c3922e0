import type { ObjectCapability, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';

/** Clocks are compared with this much grace (ms): the skew is read from HTTP dates, which have whole seconds. */
export const clockGraceMs = 1_500;

/**
 * Whether a record found by key is ours (P2): its marker holds one of the effect ids, or our own user created it at or after the first intent,
 * by the target's clock less the skew read by `probe`. A key alone proves nothing.
 */
export function isOurs(
  record: TargetRecord,
  capability: ObjectCapability,
  effects: readonly { readonly id: string; readonly intendedAt: Date }[],
  targetSkewMs: number,
): boolean {
  if (effects.length === 0 || capability.proof === 'none') return false;
  if (capability.proof === 'marker') return record.marker !== null && effects.some(({ id }) => id === record.marker);
  if (!record.createdByUs || record.createdAt === null) return false;
  const createdMs = Date.parse(record.createdAt) - targetSkewMs;
  return effects.some(({ intendedAt }) => createdMs >= intendedAt.getTime() - clockGraceMs);
}

/** What an adapter says of one object; throws where it does not know the object. */
export function capabilityOf(objects: Readonly<Record<string, ObjectCapability>>, object: string): ObjectCapability {
  const capability = objects[object];
  if (!capability) throw new Error(`the adapter knows no object ${object}`);
  return capability;
}

/** The text in a key field; empty where there is none. */
export function keyText(fields: Fields, keyField: string): string {
  const value = fields[keyField];
  return typeof value === 'string' ? value : '';
}
