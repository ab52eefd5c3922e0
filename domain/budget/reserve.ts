import { grouped } from './words.ts';

/** What the reserve of one limit has to cover. */
interface ReservedLimit {
  readonly system: string;
  readonly limit: number;
  /** The share of the limit that only a rollback may use. */
  readonly reserve: number;
  /** Calls that taking back all of it costs at most. */
  readonly calls: number;
}

/** The reserve before a wave begins. */
export interface ReserveOfWave extends ReservedLimit {
  /** Records of the run written there so far, and those of the wave about to begin. */
  readonly applied: number;
  readonly wave: number;
  /** Calls that taking back only what is written so far costs at most. */
  readonly appliedCalls: number;
}

/** The reserve before a run begins. */
export interface ReserveOfPlan extends ReservedLimit {
  /** Records that all waves together may write there. */
  readonly records: number;
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

/** A refusal with its figures and its remedy where the reserve could not pay for taking back this wave with all before it; null where it could. */
export function reserveProblem({ applied, wave, appliedCalls, ...limit }: ReserveOfWave): string | null {
  if (applied + wave === 0) return null;
  // Where even a wave without any account would need more, fewer accounts are no remedy.
  const isWaveTooLarge = appliedCalls + always <= reservedOf(limit);
  const what = `the ${grouped(applied)} records written so far and the ${grouped(wave)} of this wave`;
  return refusal(limit, what, isWaveTooLarge ? 'move fewer accounts with the wave' : null);
}

/** The same for all waves of a plan, before anything is written. */
export function planReserveProblem({ records, ...limit }: ReserveOfPlan): string | null {
  // Every account of the source goes with a wave, so fewer accounts are no remedy.
  return records === 0 ? null : refusal(limit, `all ${grouped(records)} records of the plan`, null);
}

function reservedOf({ reserve, limit }: ReservedLimit): number {
  return Math.ceil(reserve * limit);
}

function refusal(of: ReservedLimit, what: string, otherwise: string | null): string | null {
  const { system, limit } = of;
  const [needed, reserved] = [of.calls + always, reservedOf(of)];
  if (needed <= reserved) return null;
  const share = Math.ceil((1000 * needed) / limit) / 1000;
  const raised = `have the limit of ${system} raised`;
  const remedy =
    share < largestReserve
      ? `Raise systems.${system}.budget.reserve in the plan to ${String(share)}, or ${otherwise ?? raised}`
      : `No reserve can hold that: ${otherwise === null ? '' : `${otherwise}, or `}${raised}`;
  return `${system}: taking back ${what} could need ${grouped(needed)} calls, and ${grouped(reserved)} of ${grouped(limit)} are reserved for it. ${remedy}.`;
}
