import { grouped } from './words.ts';

/** What the reserve of one limit has to cover. */
export interface ReserveCase {
  readonly system: string;
  readonly limit: number;
  /** The share of the limit that only a rollback may use. */
  readonly reserve: number;
  /** Records of the run written there so far, and those of the wave about to begin. */
  readonly applied: number;
  readonly wave: number;
  /** Calls that taking back all of them costs at most. */
  readonly calls: number;
}

/** The largest reserve a plan may name. */
export const largestReserve = 0.9;

/** What is reserved where the plan says nothing, and the length from which a window is one that refills too late for a rollback to wait (ms). */
const [usualReserve, longWindowMs] = [0.1, 3_600_000];

/** The share of a limit that only a rollback may use: what the plan says; else a tenth where the window is long, and nothing where it soon refills. */
export function reserveOf(planned: number | undefined, lengthMs: number): number {
  return planned ?? (lengthMs < longWindowMs ? 0 : usualReserve);
}

/** Calls that a rollback makes whatever it takes back: logins, probes, searches for what was left. */
const always = 20;

/** A refusal with its figures and its remedy where the reserve could not pay for taking everything back; null where it could. */
export function reserveProblem({ system, limit, reserve, applied, wave, calls }: ReserveCase): string | null {
  if (applied + wave === 0) return null;
  const needed = Math.ceil(calls) + always;
  const reserved = Math.ceil(reserve * limit);
  if (needed <= reserved) return null;
  const share = Math.ceil((1000 * needed) / limit) / 1000;
  const remedy =
    share < largestReserve
      ? `Raise systems.${system}.budget.reserve in the plan to ${String(share)}, or move fewer accounts with the wave`
      : `No reserve can hold that: move fewer accounts with the wave, or have the limit of ${system} raised`;
  return `${system}: taking back the ${grouped(applied)} records written so far and the ${grouped(wave)} of this wave could need ${grouped(needed)} calls, and ${grouped(reserved)} of ${grouped(limit)} are reserved for it. ${remedy}.`;
}
