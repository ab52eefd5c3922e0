/** How long the present freeze of a wave has stood, and how long its lease still holds (ms, by the ledger's clock). */
export interface LeaseAge {
  readonly ageMs: number;
  readonly leftMs: number;
}

/** A lease of which more than this share is left is not prolonged yet. */
const freshShare = 0.75;

/** Leases that a freeze may last in all where the env does not say. */
const defaultLeases = 4;

/** How long one freeze may last in all (ms): as the env says, else four leases; never shorter than one. */
export function leaseAtMostMs(leaseMs: number, saidMs: number | undefined): number {
  return Math.max(leaseMs, saidMs ?? defaultLeases * leaseMs);
}

/**
 * The lease to ask for from now (ms); null where none is due, where the freeze has stood as long as it may, and where the lease has lapsed, because
 * what was written since is not known.
 */
export function prolongedLeaseMs({ ageMs, leftMs }: LeaseAge, leaseMs: number, atMostMs: number): number | null {
  if (leftMs <= 0 || leftMs > freshShare * leaseMs) return null;
  const asked = Math.floor(Math.min(leaseMs, atMostMs - ageMs));
  return asked > leftMs ? asked : null;
}
