import type { GuardPlan } from '../plan/plan.ts';
import { judge, type GuardContext, type GuardVerdict, type Measurement } from './verdict.ts';

/** What people answered before: the outcomes that only grow, counted up to their last answer, and the standing faults, by name. */
export interface Before {
  /** Outcomes counted by the breaches that were answered, together. */
  readonly k: number;
  readonly n: number;
  /** Standing faults that were accepted by name, and those that were not. */
  readonly accepted: number;
  readonly fresh: number;
}

/**
 * Judges what came since people answered the last breach. Outcomes (`grows`) are counted from there on. Of what stands now the faults accepted by name
 * stay accepted; with a single one beside them everything is judged like the first time, so that a healed fault never hides a new one.
 */
export function judgeSegment(
  guard: GuardPlan,
  measurement: Measurement | null,
  { grows, before }: { readonly grows: boolean; readonly before: Before },
  context: GuardContext,
): GuardVerdict {
  if (measurement === null) return judge(guard, null, context);
  const { k, n } = measurement;
  if (grows) return judge(guard, { k: Math.max(0, k - before.k), n: Math.max(0, n - before.n) }, context);
  if (before.accepted === 0 || before.fresh > 0) return judge(guard, measurement, context);
  const verdict = judge(guard, { k: 0, n }, context);
  if (verdict.verdict !== 'pass') return { ...verdict, k };
  const accepted = `${String(before.accepted)} were accepted by name when the run was resumed`;
  return { ...verdict, k, reason: `${guard.metric} is ${String(k)} in ${String(n)} records; ${accepted}.` };
}
