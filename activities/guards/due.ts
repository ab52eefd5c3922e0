import { BudgetWait } from '../../contracts/calls.ts';
import type { Env } from '../../domain/plan/env.ts';
import type { MetricName } from '../../domain/plan/plan.ts';
import type { WaveRow } from '../../ledger/waves.ts';
import type { Context } from '../deps.ts';
import { countOrders } from '../rollback/price.ts';
import { measureAnew, measureMetric } from '../verify/metrics.ts';
import { Sight } from '../verify/sight.ts';

/** Metrics that are counted from the ledger alone; the others read both systems and keep to the slower interval of the comparison. */
const cheap: readonly MetricName[] = ['writeErrorRate', 'mismatchRate', 'openExceptions', 'missingReferences'];

/** Those of them that are as new as the look at them. */
const countedNow: readonly MetricName[] = cheap.filter((metric) => metric !== 'mismatchRate');

/** Ms between two looks at both systems. */
function sweepEveryMsOf({ timings }: Env): number {
  return Math.max(timings.guardEvery, timings.reconcileEvery);
}

/** Ms after which a metric is measured again, and which its staleness is counted in; mismatches are counted from the last sweep, and that has its own interval. */
export function intervalOf(metric: MetricName, env: Env): { readonly measureEveryMs: number; readonly renewedEveryMs: number } {
  const sweepEveryMs = sweepEveryMsOf(env);
  const { guardEvery } = env.timings;
  return {
    measureEveryMs: cheap.includes(metric) ? guardEvery : sweepEveryMs,
    renewedEveryMs: countedNow.includes(metric) ? guardEvery : sweepEveryMs,
  };
}

/** A count reads all that people have entered since the first switch, more each time; the watcher rests this many times as long before the next. */
const restsFor = 20;

/**
 * The price of going back is current for everybody, and not at a gate alone: where it is due for one wave, the new system is asked once for all. Where it
 * does not answer, the last count stands with its time.
 */
export async function countOrdersIfDue(context: Context, wave: WaveRow): Promise<void> {
  if (wave.state !== 'switched') return;
  const { ledger, ref, sys } = context;
  const last = await ledger.goingBack.lastCount(ref.run, wave.name, wave.attempt);
  if (last === null || last.ageMs >= Math.max(sweepEveryMsOf(sys.env), last.tookMs * restsFor))
    await ledger.waves
      .all(ref.run)
      .then((waves) => countOrders(context, waves))
      .catch(() => undefined);
}

/**
 * Measures a metric of a wave and stores the value, or the failure to measure it; nothing where the last value is young enough, or the system takes no more calls for now. Where the wave has
 * `movedOn` meanwhile nothing is stored: the value is of neither state.
 */
export async function measureIfDue(context: Context, metric: MetricName, wave: WaveRow): Promise<'measured' | 'movedOn'> {
  const { ledger, ref } = context;
  const latest = await ledger.measurements.latest(ref.run, wave.name, wave.attempt, metric);
  if (latest !== null && latest.ageMs < intervalOf(metric, context.sys.env).measureEveryMs) return hasMovedOn(context, wave);
  const ruleVersion = context.sys.plan.metrics[metric]?.ruleVersion ?? 0;
  const readAt = await ledger.clocks.now();
  try {
    const measure = metric === 'mismatchRate' && (await isSweepDue(context, wave)) ? measureAnew : measureMetric;
    const { bad, of, samples, names, ageMs } = await measure(
      new Sight(context, { wave: wave.name, attempt: wave.attempt, whole: false }),
      metric,
    );
    if ((await hasMovedOn(context, wave)) === 'movedOn') return 'movedOn';
    await ledger.measurements.store(ref.run, wave.name, wave.attempt, metric, {
      numerator: bad,
      denominator: of,
      samples,
      names,
      error: null,
      ruleVersion,
      readAt,
      ...(ageMs === undefined ? {} : { ageMs }),
    });
  } catch (error) {
    // Nothing was asked, so no read has failed; the last value grows old until the next look.
    if (error instanceof BudgetWait) return hasMovedOn(context, wave);
    await ledger.measurements.store(ref.run, wave.name, wave.attempt, metric, {
      numerator: null,
      denominator: null,
      samples: [],
      error: error instanceof Error ? error.message : 'not measured',
      ruleVersion,
      readAt,
    });
  }
  return 'measured';
}

/** Whether the wave stands where it stood when the look at it began. */
async function hasMovedOn({ ledger, ref }: Context, { name, attempt, state }: WaveRow): Promise<'measured' | 'movedOn'> {
  const now = await ledger.waves.get(ref.run, name);
  return now.attempt === attempt && now.state === state ? 'measured' : 'movedOn';
}

/** A wave compares its books itself until it is switched; nobody loads anything after that, and the watcher goes on comparing. */
async function isSweepDue({ ledger, ref, sys }: Context, wave: WaveRow): Promise<boolean> {
  if (wave.state !== 'switched') return false;
  const { ageMs } = await ledger.comparisons.all(ref.run, wave.name, wave.attempt);
  return ageMs === null || ageMs >= sweepEveryMsOf(sys.env);
}
