/** How far a system's clock is ahead of the ledger's (ms): no less and no more than this. */
export interface Offset {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** A reading of a system's clock (epoch ms), and the ledger's time right before and right after it. */
export interface Reading {
  readonly beforeMs: number;
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly afterMs: number;
}

/** The offset that one reading leaves possible: the system's clock was read at some moment between the two of the ledger. */
export function offsetOf({ beforeMs, earliestMs, latestMs, afterMs }: Reading): Offset {
  return { leastMs: earliestMs - afterMs, mostMs: latestMs - beforeMs };
}

/** An offset, and when it was measured by the ledger's clock (epoch ms). */
export interface DatedOffset extends Offset {
  readonly atMs: number;
}

/**
 * For any instant (epoch ms) the hull of the offsets measured since then, the last one before it included: a clock that was set meanwhile stood at each of
 * them. Null where nothing was measured. `readings` are in the order in which they were measured; they are gone through once, however often is asked.
 */
export function hullsOf(readings: readonly DatedOffset[]): (sinceMs: number) => Offset | null {
  const hulls = readings.reduceRight<DatedOffset[]>((later, { atMs, leastMs, mostMs }) => {
    const next = later.at(-1) ?? { leastMs, mostMs };
    later.push({ atMs, leastMs: Math.min(leastMs, next.leastMs), mostMs: Math.max(mostMs, next.mostMs) });
    return later;
  }, []);
  return (sinceMs) => {
    const hull = hulls.find(({ atMs }) => atMs <= sinceMs) ?? hulls.at(-1);
    return hull === undefined ? null : { leastMs: hull.leastMs, mostMs: hull.mostMs };
  };
}

/** A record found by key, and what it says of its making. */
export interface Found {
  readonly createdByUs: boolean;
  /** By the system's own clock: the first and the last instant (epoch ms) that its stamp may mean; null where it tells none. */
  readonly created: { readonly earliestMs: number; readonly latestMs: number } | null;
}

/**
 * Whether a record under our key is ours by its maker and time: made by our user, and not surely before the first intent. Surely before, by whatever
 * offset was measured from the claim of that intent on, is not ours. Without a measured offset nothing is sure.
 */
export function isOursByTime({ createdByUs, created }: Found, firstIntentMs: number, offset: Offset | null): boolean {
  if (!createdByUs || created === null) return false;
  return offset === null || created.latestMs - offset.leastMs >= firstIntentMs;
}
