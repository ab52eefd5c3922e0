import type { GuardPlan } from '../plan/plan.ts';
import { alphaOfSegment, eValue } from './e-process.ts';
import { wilsonLowerBound } from './wilson.ts';

/** Failed reads in a row after which a metric counts as broken rather than late. */
const readsUntilError = 3;

/**
 * One value of a metric: `k` bad ones of `n` records, cumulative over the segment, each record once at its first outcome. Throttled and
 * unavailable calls are not bad ones, canaries are in neither number. For a count, `k` is the count and `n` the records looked at.
 */
export interface Measurement {
  readonly k: number;
  readonly n: number;
}

/** When and how the measurement came about. */
export interface GuardContext {
  /** Age of the measurement, and the age from which it is too old to mean anything (milliseconds). */
  readonly ageMs: number;
  readonly staleAfterMs: number;
  /** Reads of the metric that failed in a row since. */
  readonly failedReads: number;
  /** Number of the segment, from 1; only a signed resume or a new attempt opens the next. */
  readonly segment: number;
  /** `secondLook` of the verdict before this one: a plain limit breaches on the second look. */
  readonly previousSecondLook: boolean;
}

/** What a guard says, with what it says it from. Only `breach` answers; only `pass` is a pass. */
export interface GuardVerdict {
  readonly verdict: 'pass' | 'breach' | 'inconclusive' | 'error';
  readonly warn: boolean;
  readonly reason: string;
  readonly k: number | null;
  readonly n: number | null;
  readonly eValue: number | null;
  /** A plain limit is passed, for the first or a later time; hand it to the next judgement. */
  readonly secondLook: boolean;
}

type Finding = Pick<GuardVerdict, 'verdict' | 'reason'> & Partial<GuardVerdict>;

/** The plain limit that holds for this sample, and whether it is passed; null where the sample is large enough for the rate. */
function plainLimit(guard: GuardPlan, { k, n }: Measurement): { readonly over: boolean; readonly text: string } | null {
  if (guard.kind === 'count') return { over: k > guard.limit, text: `at most ${String(guard.limit)} allowed` };
  if (guard.exactCount === undefined || n >= guard.minimumSample) return null;
  return { over: k >= guard.exactCount, text: `${String(guard.exactCount)} are a breach below ${String(guard.minimumSample)} records` };
}

function judgeRate(guard: GuardPlan, { k, n }: Measurement, segment: number, seen: string): Finding {
  const evidence = eValue(k, n, guard.limit);
  const threshold = 1 / alphaOfSegment(guard.alpha, segment);
  const weight = `${evidence.toPrecision(3)} of the ${threshold.toPrecision(3)} that make a breach`;
  const words = `${seen}; the limit is ${String(guard.limit)}, the evidence against it ${weight}`;
  if (evidence >= threshold) return { verdict: 'breach', reason: `${words}.`, eValue: evidence };
  const warn = wilsonLowerBound(k, n) > guard.limit;
  return { verdict: 'pass', warn, reason: warn ? `${words}; it is likely above the limit.` : `${words}.`, eValue: evidence };
}

function judgePresent(guard: GuardPlan, measurement: Measurement, context: GuardContext): Finding {
  const { k, n } = measurement;
  const seen = `${guard.metric} is ${String(k)} in ${String(n)} records`;
  const plain = plainLimit(guard, measurement);
  if (plain?.over === true) {
    if (context.previousSecondLook) return { verdict: 'breach', reason: `${seen}; ${plain.text}.`, secondLook: true };
    return { verdict: 'inconclusive', warn: true, reason: `${seen}; ${plain.text}. A second look decides.`, secondLook: true };
  }
  if (n < guard.minimumSample) {
    return { verdict: 'inconclusive', reason: `${seen}; at least ${String(guard.minimumSample)} records are needed to judge.` };
  }
  if (guard.kind === 'count') return { verdict: 'pass', reason: `${seen}; at most ${String(guard.limit)} allowed.` };
  return judgeRate(guard, measurement, context.segment, seen);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** A measurement that no metric can have; a count may be larger than the records looked at, a rate may not. */
function isBroken(guard: GuardPlan, { k, n }: Measurement): boolean {
  return !isCount(k) || !isCount(n) || (guard.kind === 'rate' && k > n);
}

function find(guard: GuardPlan, measurement: Measurement | null, context: GuardContext): Finding {
  if (measurement === null) return { verdict: 'inconclusive', reason: `${guard.metric} has not been measured.` };
  if (!(context.ageMs <= context.staleAfterMs)) {
    return {
      verdict: 'inconclusive',
      reason: `${guard.metric} was last measured ${String(context.ageMs)} ms ago; after ${String(context.staleAfterMs)} ms it is too old.`,
    };
  }
  if (context.failedReads >= readsUntilError)
    return { verdict: 'error', reason: `${guard.metric} could not be read ${String(context.failedReads)} times in a row.` };
  if (isBroken(guard, measurement)) return { verdict: 'error', reason: `${guard.metric} was measured as numbers it cannot have.` };
  return judgePresent(guard, measurement, context);
}

/**
 * Judges one guard, in this order: absent or old data is inconclusive; a metric that keeps failing is an error; a plain limit passed on two
 * looks is a breach; too few records are inconclusive; a rate breaches by its e-process; a likely breach warns. Pure in its
 * arguments: more failures in as many records never make it better, and missing data is never a pass.
 */
export function judge(guard: GuardPlan, measurement: Measurement | null, context: GuardContext): GuardVerdict {
  const counts = { k: measurement?.k ?? null, n: measurement?.n ?? null };
  return { warn: false, eValue: null, secondLook: false, ...counts, ...find(guard, measurement, context) };
}
