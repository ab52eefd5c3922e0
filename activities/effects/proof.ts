import type { ObjectCapability, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { isOursByTime } from '../../domain/effects/skew.ts';
import type { Context } from '../deps.ts';

/** An effect as far as its proof goes. */
interface Proved {
  readonly id: string;
  readonly system: string;
  readonly firstIntendedAt: Date;
}

/**
 * Whether a record found by key is ours (P2): its marker holds the effect's id, or our own user created it and not surely before the effect's first
 * intent, by the offset of the target's clock as measured from that intent's claim on. A key alone proves nothing.
 */
export async function isOurs(context: Context, record: TargetRecord, capability: ObjectCapability, effect: Proved): Promise<boolean> {
  if (capability.proof === 'none') return false;
  if (capability.proof === 'marker') return record.marker === effect.id;
  const offset = await context.ledger.clocks.hullSince(context.scope, effect.system, effect.firstIntendedAt);
  return isOursByTime({ createdByUs: record.createdByUs, created: stampOf(record.createdAt) }, effect.firstIntendedAt.getTime(), offset);
}

/** The first of these effects that the record is proved to be of; null where it is of none. */
export async function oursAmong<T extends Proved>(
  context: Context,
  record: TargetRecord,
  capability: ObjectCapability,
  effects: readonly T[],
): Promise<T | null> {
  for (const effect of effects) if (await isOurs(context, record, capability, effect)) return effect;
  return null;
}

/** What a time stamp may mean: one without a fraction of a second means any moment of that second. */
function stampOf(text: string | null): { readonly earliestMs: number; readonly latestMs: number } | null {
  if (text === null) return null;
  const earliestMs = Date.parse(text);
  return { earliestMs, latestMs: earliestMs % 1_000 === 0 ? earliestMs + 999 : earliestMs };
}

/** Measures how far the clock of a system is from the ledger's now; each claim and each proof begins with it. */
export async function measureClock({ ledger, scope, sys }: Context, system: string): Promise<void> {
  await ledger.clocks.measure(scope, system, () => sys.target(system).now());
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
