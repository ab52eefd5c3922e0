import type { Breach } from '../../contracts/activities.ts';
import type { RunRef } from '../../contracts/messages.ts';
import { judgeSegment } from '../../domain/guards/segment.ts';
import type { Measurement } from '../../domain/guards/verdict.ts';
import { guardsOf } from '../../domain/guards/built-in.ts';
import { waveStages, type GuardPlan, type MetricName } from '../../domain/plan/plan.ts';
import type { MeasurementRow } from '../../ledger/measurements.ts';
import { hasBegunToSwitch } from '../../domain/waves/state.ts';
import type { WaveRow } from '../../ledger/waves.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { booksBreach, booksGuard, prolongLease, watchBooks } from './watch-books.ts';
import { countOrdersIfDue, intervalOf, measureIfDue } from './due.ts';
import { lookOf } from './sign-of-life.ts';
import { SwitchedTurns } from './turns.ts';

/** Metrics that only grow within a wave attempt; the others say what is wrong now. */
const cumulative: readonly MetricName[] = ['writeErrorRate'];

/** A measurement this many intervals old means nothing any more. */
const staleIntervals = 5;

/** A message of more would not fit into a history; the others are told once these are answered. */
const toldAtOnce = 100;

/**
 * One look of the watcher: measures what is due, judges every guard of every wave that stands in one of its stages, and returns the breaches
 * nobody has answered yet. Its sign of life, given at each step, is what lets loads go on. Waves that have switched come last and in turns, so that
 * however many they are those that are under way are looked at in time; what a wave that is passed over stands in breach of is told all the same.
 */
export function judgeGuards(deps: Deps) {
  const turns = new SwitchedTurns();
  return async (ref: RunRef): Promise<Breach[]> => {
    const context = await contextOf(deps, ref);
    const step = lookOf(deps.ledger.runs, ref.run);
    const all = await deps.ledger.waves.all(ref.run);
    const found = new Map<string, readonly (Breach | null)[]>();
    for (const wave of all.filter((candidate) => candidate.state !== 'switched' && isWatched(candidate)))
      found.set(wave.name, await lookAt(context, wave, step));
    for (const wave of turns.ofLook(ref.run, all, context.sys.env.timings.guardEvery))
      found.set(wave.name, await lookAt(context, wave, step));
    await deps.ledger.runs.beatGuard(ref.run);
    const passed = found.size === all.length ? [] : await unanswered(context, all);
    const breaches = all
      .flatMap((wave) => found.get(wave.name) ?? passed.filter((breach) => breach.wave === wave.name))
      .filter((breach) => breach !== null);
    return urgentFirst(breaches).slice(0, toldAtOnce);
  };
}

/** What takes a wave back is answered by the run itself; what pauses waits for people, and must keep nothing else waiting. */
function urgentFirst(breaches: readonly Breach[]): Breach[] {
  return breaches.toSorted((one, other) => Number(one.answer !== 'rollback') - Number(other.answer !== 'rollback'));
}

async function lookAt(context: Context, wave: WaveRow, step: ReturnType<typeof lookOf>): Promise<readonly (Breach | null)[]> {
  const breaches: (Breach | null)[] = [];
  for (const guard of guardsOf(context.sys.plan).filter((candidate) => isIn(wave, candidate)))
    breaches.push(await step(() => judgeGuard(context, guard, wave)));
  breaches.push(await step(() => watchBooks(context, wave)));
  await step(() => prolongLease(context, wave));
  await step(() => countOrdersIfDue(context, wave));
  return breaches;
}

/** The breaches that nobody has answered, of the guards that watch their waves. */
async function unanswered(context: Context, waves: readonly WaveRow[]): Promise<readonly Breach[]> {
  const { ledger, ref, sys } = context;
  const byName = new Map(waves.map((wave) => [wave.name, wave]));
  const guards = new Map(guardsOf(sys.plan).map((guard) => [guard.name, guard]));
  return (await ledger.guards.breaches(ref.run)).flatMap(({ guard: name, wave: of, reason }) => {
    const [wave, guard] = [byName.get(of), guards.get(name)];
    if (wave === undefined) return [];
    if (name === booksGuard) return [booksBreach(wave, reason)];
    return guard !== undefined && isIn(wave, guard) ? [breachOf(guard, wave, reason)] : [];
  });
}

/** Whether there is anything to watch: a wave that has not begun, was taken back or is closed holds nothing in legacy and is judged by no guard. */
function isWatched({ state }: WaveRow): boolean {
  return waveStages.some((stage) => stage === state);
}

function isIn({ state }: WaveRow, guard: GuardPlan): boolean {
  return guard.stages.some((stage) => stage === state);
}

async function judgeGuard(context: Context, guard: GuardPlan, wave: WaveRow): Promise<Breach | null> {
  const { ledger, ref } = context;
  const last = await ledger.guards.verdict(ref.run, guard.name, wave.name, wave.attempt);
  if (last?.verdict === 'breach' && last.answeredAt === null) return breachOf(guard, wave, last.reason);
  // What was read while the wave moved on, such as documents that its switch was making active, tells nothing of where it stood.
  if ((await measureIfDue(context, guard.metric, wave)) === 'movedOn') return null;
  const [value, answered, failedReads, faults] = await Promise.all([
    ledger.measurements.latest(ref.run, wave.name, wave.attempt, guard.metric),
    ledger.guards.answered(ref.run, guard.name, wave.name, wave.attempt),
    ledger.measurements.failedReads(ref.run, wave.name, wave.attempt, guard.metric),
    ledger.measurements.faults(ref.run, wave.name, wave.attempt, guard.metric, guard.name),
  ]);
  const segment = { grows: cumulative.includes(guard.metric), before: { ...answered, ...faults } };
  const verdict = judgeSegment(guard, measurementOf(value), segment, {
    ageMs: value?.ageMs ?? 0,
    staleAfterMs: Math.max(guard.window, staleIntervals * intervalOf(guard.metric, context.sys.env).renewedEveryMs),
    failedReads,
    segment: answered.times + 1,
    // Only a newer measurement is a second look; the same one looked at again is not, and a breach that was answered was looked at to its end.
    previousSecondLook: last !== null && value !== null && value.at > last.at && last.secondLook && last.verdict !== 'breach',
  });
  // Behind a breach that was answered every verdict is news, a second breach most of all.
  const isNews = last === null || last.verdict === 'breach' || verdict.verdict !== last.verdict;
  const reason =
    verdict.verdict === 'breach' && value !== null && value.samples.length > 0
      ? `${verdict.reason} For example: ${value.samples.slice(0, 3).join('; ')}.`
      : verdict.reason;
  const judged = { ...verdict, reason, guard: guard.name, wave: wave.name, attempt: wave.attempt };
  const measuredAt = value?.at ?? null;
  const behind = { verdict: last, metric: guard.metric, value };
  if (!isNews && verdict.secondLook === last.secondLook && verdict.warn === last.warn) {
    await ledger.guards.look(ref.run, { ...judged, measuredAt }, behind);
    return null;
  }
  const answer = verdict.verdict === 'breach' ? answerOf(guard, wave) : null;
  const placed = await ledger.guards.store(ref.run, { ...judged, segment: answered.times + 1, answer }, measuredAt, wave.state, behind);
  // Another try of the look has judged it meanwhile: the next look tells.
  if (placed === 'overtaken') return null;
  if (verdict.verdict !== 'pass')
    await ledger.trail.note(ref.run, wave.name, 'guard', { guard: guard.name, verdict: verdict.verdict, reason });
  if (verdict.verdict !== 'breach') return null;
  // Where the ledger holds the run instead, the wave has begun to switch since it was judged.
  return placed === 'hold' ? { ...breachOf(guard, wave, reason), answer: 'pause' } : breachOf(guard, wave, reason);
}

function measurementOf(value: MeasurementRow | null): Measurement | null {
  return value?.numerator == null || value.denominator === null ? null : { k: value.numerator, n: value.denominator };
}

/** Before the switch a breach rolls back by itself, after it it pauses, unless the plan says otherwise. */
function answerOf(guard: GuardPlan, wave: WaveRow): 'pause' | 'rollback' {
  const answer = hasBegunToSwitch(wave.state) ? guard.answer.afterSwitch : guard.answer.beforeSwitch;
  if (answer === 'manual') throw new Error(`guard ${guard.name} answers with manual mode, which does not run yet`);
  return answer;
}

function breachOf(guard: GuardPlan, wave: WaveRow, reason: string): Breach {
  return { guard: guard.name, wave: wave.name, attempt: wave.attempt, answer: answerOf(guard, wave), reason: `${guard.name}: ${reason}` };
}
