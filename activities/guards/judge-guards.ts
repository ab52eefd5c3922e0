import type { Breach } from '../../contracts/activities.ts';
import type { RunRef } from '../../contracts/messages.ts';
import { judge } from '../../domain/guards/verdict.ts';
import { waveStages, type GuardPlan, type MetricName } from '../../domain/plan/plan.ts';
import type { WaveRow } from '../../ledger/waves.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { measureMetric } from '../verify/metrics.ts';

/** Metrics that are counted from the ledger alone; the others read both systems and keep to the slower interval of the comparison. */
const cheap: readonly MetricName[] = ['writeErrorRate', 'mismatchRate', 'openExceptions', 'missingReferences'];

/** A measurement this many intervals old means nothing any more. */
const staleIntervals = 5;

/**
 * One look of the watcher: measures what is due, judges every guard of every wave that stands in one of its stages, and returns the breaches
 * nobody has answered yet. Its sign of life is what lets loads go on.
 */
export function judgeGuards(deps: Deps) {
  return async (ref: RunRef): Promise<Breach[]> => {
    const context = await contextOf(deps, ref);
    const breaches: Breach[] = [];
    for (const wave of await deps.ledger.waves.all(ref.run)) {
      for (const guard of context.sys.plan.guards.filter((candidate) => isIn(wave, candidate))) {
        const breach = await judgeGuard(context, guard, wave);
        if (breach !== null) breaches.push(breach);
      }
    }
    await deps.ledger.runs.beatGuard(ref.run);
    return breaches;
  };
}

function isIn(wave: WaveRow, guard: GuardPlan): boolean {
  const stage = waveStages.find((candidate) => candidate === wave.state);
  return stage !== undefined && guard.stages.includes(stage);
}

async function judgeGuard(context: Context, guard: GuardPlan, wave: WaveRow): Promise<Breach | null> {
  const { ledger, ref } = context;
  const { guardEvery, reconcileEvery } = context.sys.env.timings;
  const last = await ledger.guards.verdict(ref.run, guard.name, wave.name, wave.attempt);
  if (last?.verdict === 'breach' && last.answeredAt === null) return breachOf(guard, wave, last.reason);
  const everyMs = cheap.includes(guard.metric) ? guardEvery : Math.max(guardEvery, reconcileEvery);
  await measureIfDue(context, guard.metric, wave, everyMs);
  const [value, answered, failedReads] = await Promise.all([
    ledger.guards.latest(ref.run, wave.name, wave.attempt, guard.metric),
    ledger.guards.answered(ref.run, guard.name, wave.name, wave.attempt),
    ledger.guards.failedReads(ref.run, wave.name, wave.attempt, guard.metric),
  ]);
  const measurement =
    value?.numerator == null || value.denominator === null
      ? null
      : { k: Math.max(0, value.numerator - answered.k), n: Math.max(0, value.denominator - answered.n) };
  const verdict = judge(guard, measurement, {
    ageMs: value?.ageMs ?? 0,
    staleAfterMs: Math.max(guard.window, staleIntervals * everyMs),
    failedReads,
    segment: answered.times + 1,
    // Only a newer measurement is a second look; the same one looked at again is not.
    previousSecondLook: last !== null && value !== null && value.at > last.at && last.secondLook,
  });
  if (last === null || verdict.verdict !== last.verdict || verdict.secondLook !== last.secondLook || verdict.warn !== last.warn) {
    const reason =
      verdict.verdict === 'breach' && value !== null && value.samples.length > 0
        ? `${verdict.reason} For example: ${value.samples.slice(0, 3).join('; ')}.`
        : verdict.reason;
    await ledger.guards.store(ref.run, {
      ...verdict,
      reason,
      guard: guard.name,
      wave: wave.name,
      attempt: wave.attempt,
      segment: answered.times + 1,
      answer: verdict.verdict === 'breach' ? answerOf(guard, wave) : null,
    });
    if (verdict.verdict !== 'pass')
      await ledger.trail.note(ref.run, wave.name, 'guard', { guard: guard.name, verdict: verdict.verdict, reason });
    if (verdict.verdict === 'breach') return breachOf(guard, wave, reason);
  }
  return null;
}

async function measureIfDue(context: Context, metric: MetricName, wave: WaveRow, everyMs: number): Promise<void> {
  const { ledger, ref } = context;
  const latest = await ledger.guards.latest(ref.run, wave.name, wave.attempt, metric);
  if (latest !== null && latest.ageMs < everyMs) return;
  const ruleVersion = context.sys.plan.metrics[metric]?.ruleVersion ?? 0;
  try {
    const { bad, of, samples } = await measureMetric(context, metric, { wave: wave.name, attempt: wave.attempt, whole: false });
    await ledger.guards.measure(ref.run, wave.name, wave.attempt, metric, {
      numerator: bad,
      denominator: of,
      samples,
      error: null,
      ruleVersion,
    });
  } catch (error) {
    await ledger.guards.measure(ref.run, wave.name, wave.attempt, metric, {
      numerator: null,
      denominator: null,
      samples: [],
      error: error instanceof Error ? error.message : 'not measured',
      ruleVersion,
    });
  }
}

/** Before the switch a breach rolls back by itself, after it it pauses, unless the plan says otherwise (law 7). */
function answerOf(guard: GuardPlan, wave: WaveRow): 'pause' | 'rollback' {
  const answer = wave.state === 'switched' || wave.state === 'switching' ? guard.answer.afterSwitch : guard.answer.beforeSwitch;
  if (answer === 'manual') throw new Error(`guard ${guard.name} answers with manual mode, which does not run yet`);
  return answer;
}

function breachOf(guard: GuardPlan, wave: WaveRow, reason: string): Breach {
  return { guard: guard.name, wave: wave.name, attempt: wave.attempt, answer: answerOf(guard, wave), reason: `${guard.name}: ${reason}` };
}

/** Marks the open breaches of a wave (null: of the run) as answered; the next judgement opens a new segment. */
export function answerBreaches(deps: Deps) {
  return async (ref: RunRef, wave: string | null): Promise<void> => {
    await deps.ledger.guards.answer(ref.run, wave);
  };
}
