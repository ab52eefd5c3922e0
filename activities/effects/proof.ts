import type { ObjectCapability, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { hullsOf, isOursByTime } from '../../domain/effects/skew.ts';
import type { Context } from '../deps.ts';

/** An effect as far as its proof goes. */
interface Proved {
  readonly id: string;
  readonly firstIntendedAt: Date;
}

/** Whether a record found by key is of this effect. */
export type Proof = (record: TargetRecord, effect: Proved) => boolean;

/**
 * How a record found by key is proved to be of one of these effects (P2): its marker holds the effect's id, or our own user created it and not surely
 * before the effect's first intent, by the offset of the target's clock as measured from that intent's claim on. A key alone proves nothing.
 */
export async function proofOf(
  { ledger, scope }: Context,
  system: string,
  { proof }: ObjectCapability,
  effects: readonly Proved[],
): Promise<Proof> {
  if (proof === 'none' || effects.length === 0) return () => false;
  if (proof === 'marker') return (record, effect) => record.marker === effect.id;
  const earliest = new Date(Math.min(...effects.map(({ firstIntendedAt }) => firstIntendedAt.getTime())));
  const hullSince = hullsOf(await ledger.clocks.readingsSince(scope, system, earliest));
  return ({ createdByUs, createdAt }, { firstIntendedAt }) => {
    const atMs = firstIntendedAt.getTime();
    return isOursByTime({ createdByUs, created: stampOf(createdAt) }, atMs, hullSince(atMs));
  };
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
