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
  /** Calls that taking back only what is written so far costs at most. */
  readonly appliedCalls: number;
}

/** The largest reserve a plan may name. */
export const largestReserve = 0.9;

/** The length from which a window is one that refills too late for a rollback to wait (ms). */
export const longWindowMs = 3_600_000;

/** What is reserved of a long window where the plan says nothing. */
const usualReserve = 0.1;

/** The share of a limit that only a rollback may use: what the plan says; else a tenth where the window is long, and nothing where it soon refills. */
export function reserveOf(budget: { readonly reserve?: number | undefined } | undefined, lengthMs: number): number {
  return budget?.reserve ?? (lengthMs < longWindowMs ? 0 : usualReserve);
}

/** Calls that a rollback makes whatever it takes back: logins, probes, searches for what was left. */
const always = 20;

/** A refusal with its figures and its remedy where the reserve could not pay for taking everything back; null where it could. */
export function reserveProblem({ system, limit, reserve, applied, wave, calls, appliedCalls }: ReserveCase): string | null {
  if (applied + wave === 0) return null;
  const needed = Math.ceil(calls) + always;
  const reserved = Math.ceil(reserve * limit);
  if (needed <= reserved) return null;
  const share = Math.ceil((1000 * needed) / limit) / 1000;
  // Where even a wave without any account would need more, fewer accounts are no remedy.
  const isWaveTooLarge = Math.ceil(appliedCalls) + always <= reserved;
  const remedy =
    share < largestReserve
      ? `Raise systems.${system}.budget.reserve in the plan to ${String(share)}${isWaveTooLarge ? ', or move fewer accounts with the wave' : ''}`
      : `No reserve can hold that: ${isWaveTooLarge ? 'move fewer accounts with the wave, or ' : ''}have the limit of ${system} raised`;
  return `${system}: taking back the ${grouped(applied)} records written so far and the ${grouped(wave)} of this wave could need ${grouped(needed)} calls, and ${grouped(reserved)} of ${grouped(limit)} are reserved for it. ${remedy}.`;
}
