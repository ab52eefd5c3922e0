import { recordText } from '../exceptions/key-text.ts';
import { listedTexts } from '../listed.ts';
import type { Completeness } from '../waves/completeness.ts';
import type { LimitFact } from './limits.ts';

/** A count with the first of what it counts, each in words. */
interface Counted {
  readonly count: number;
  readonly samples: readonly string[];
}

/** How the attempt of a wave came to be taken back, as its retry gate shows it. */
export interface TakenBack {
  readonly attempt: number;
  /** Why: who ordered it, or the breach with its figures. */
  readonly reason: string;
  /** Records that something was wrong with in that attempt, in the systems' own words. */
  readonly found: Counted;
  /** Effects undone, and those that had to stay. */
  readonly undone: number;
  readonly kept: number;
  /** What stays in the target, and why; absent in evidence of runs before this was listed. */
  readonly left?: readonly string[];
  /** What still stands and wants a person. */
  readonly remains: Counted;
}

/** What one attempt's facts belong to: the same figures at another gate, or for another attempt of the wave, are other facts. */
export interface FactsOf {
  readonly run: string;
  readonly gate: string;
  readonly waveAttempt: number;
}

/** The facts of a gate attempt that people vote on. */
export interface GateFacts {
  readonly of: FactsOf;
  /** At a retry gate; null elsewhere. */
  readonly takenBack: TakenBack | null;
  readonly limits: readonly (LimitFact & { readonly detail: string })[];
  /** Open exceptions, each in words that name it. */
  readonly exceptions: readonly string[];
  readonly equations: readonly Completeness[];
  readonly pointsOfNoReturn: readonly string[];
  /** What of the systems' configuration is not as it was frozen, in words; absent in evidence of runs before this was looked at. */
  readonly configuration?: readonly string[];
  /** Hashes of the documents the run goes by. */
  readonly plan: string;
  readonly env: string;
}

/** The totals of an equation as one text, whatever the order of its amounts. */
function totalsOf({ object, lines }: Completeness): string {
  const texts = lines.map(
    ({ label, count, money }) =>
      `${label} ${String(count)} ${Object.entries(money)
        .map(([name, amount]) => `${name} ${amount}`)
        .sort()
        .join(' ')}`,
  );
  return `${object}: ${texts.join(', ')}`;
}

/** The records that rules of the plan leave in the source, those that the equations name. */
function leftOf(equations: readonly Completeness[]): readonly string[] {
  return equations.flatMap(({ object, lines }) =>
    lines.flatMap(({ label, keys = [] }) => (label === 'left' ? keys.map((sourceId) => recordText({ object, sourceId })) : [])),
  );
}

function added(before: readonly string[], after: readonly string[]): readonly string[] {
  const known = new Set(before);
  return after.filter((line) => !known.has(line));
}

/** What of the configuration is as it was frozen again since the facts were measured, in words; null when nothing is. */
export function putRight(before: GateFacts, after: GateFacts): string | null {
  const mended = added(after.configuration ?? [], before.configuration ?? []);
  return mended.length === 0 ? null : `configuration put right: ${listedTexts(mended)}`;
}

/**
 * What got worse between the facts people voted on and the facts now, in words; null when nothing did. What got better voids no vote.
 * Totals count only where `frozen`: everywhere else business goes on and moves them.
 */
export function worsened(before: GateFacts, after: GateFacts, frozen: boolean): string | null {
  if (before.plan !== after.plan || before.env !== after.env) return 'the run goes by other documents than those voted on';
  const passed = before.limits.filter(({ verdict }) => verdict === 'pass').map(({ metric }) => metric);
  const failing = after.limits.filter(({ metric, verdict }) => verdict !== 'pass' && passed.includes(metric)).map(({ metric }) => metric);
  if (failing.length > 0) return `no longer within their limits: ${failing.join(', ')}`;
  const exceptions = added(before.exceptions, after.exceptions);
  if (exceptions.length > 0) return `new exceptions: ${listedTexts(exceptions)}`;
  const points = added(before.pointsOfNoReturn, after.pointsOfNoReturn);
  if (points.length > 0) return `new points of no return: ${listedTexts(points)}`;
  const drift = added(before.configuration ?? [], after.configuration ?? []);
  if (drift.length > 0) return `configuration changed: ${listedTexts(drift)}`;
  const left = added(leftOf(before.equations), leftOf(after.equations));
  if (left.length > 0) return `left in the source by the plan: ${listedTexts(left)}`;
  const totals = frozen ? added(before.equations.map(totalsOf), after.equations.map(totalsOf)) : [];
  return totals.length === 0 ? null : `totals moved behind the freeze: ${listedTexts(totals)}`;
}
