import type { GatePlan, MetricName } from '../plan/plan.ts';

/** One limit of a gate and what was measured; `value` null is missing, which is never a pass. */
export interface LimitFact {
  readonly metric: MetricName;
  readonly value: number | null;
  readonly max: number;
  readonly verdict: 'pass' | 'breach' | 'inconclusive';
}

/** Judges every limit of a gate; a value that is missing, negative or not a finite number is inconclusive. */
export function judgeLimits(
  limits: GatePlan['limits'],
  measured: Readonly<Partial<Record<MetricName, number | null>>>,
): readonly LimitFact[] {
  return limits.map(({ metric, max }) => {
    const raw = measured[metric];
    const value = typeof raw === 'number' && Number.isFinite(raw) && raw >= 0 ? raw : null;
    if (value === null) return { metric, value, max, verdict: 'inconclusive' };
    return { metric, value, max, verdict: value <= max ? 'pass' : 'breach' };
  });
}

/** Whether the limits let the gate open: every one of them passed. A gate without a limit stays shut. */
export function limitsPass(facts: readonly LimitFact[]): boolean {
  return facts.length > 0 && facts.every(({ verdict }) => verdict === 'pass');
}
