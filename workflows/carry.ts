import { gateNames, type WaveRef } from '../contracts/messages.ts';
import { pauseBeforeAttempt, triedOutText } from '../domain/waves/pause.ts';
import { quickly } from './activity-proxies.ts';
import { runWave, takeBack } from './children.ts';
import type { RollbackOrder, Run } from './run/state.ts';
import { gate, holdUntilResumed, setupOf, whileHeld } from './steps.ts';
import type { Course, WaveEnd } from './wave.ts';
import { condition } from './timers.ts';

/** Why a wave that did not reach its end is taken back, or null where the run only waits for a person. */
async function orderFor(run: Run, ref: WaveRef, end: WaveEnd): Promise<RollbackOrder | null> {
  if (run.order !== null) return run.order;
  const { wave: scope } = ref;
  const requestId = `${scope}-${String(ref.attempt)}-${end}`;
  if (end === 'noGo') return { requestId, scope, reason: 'no-go at its gate: the wave goes back, its accounts are opened again in legacy' };
  if (end === 'expired' && setupOf(run).gates.switch.atDeadline === 'rollback')
    return { requestId, scope, reason: 'nobody decided before the deadline, and the plan then takes the wave back' };
  if (end !== 'abandoned') return null;
  // What fenced the wave stands in the ledger before the run hears of it.
  const { stop, state } = await quickly.waveStands(ref);
  if (stop !== null) return { requestId: stop.requestId, scope, reason: stop.reason };
  return state === 'undoing' ? { requestId, scope, reason: 'it was being taken back' } : null;
}

/** Why the run waits for a person after a wave ended so; nothing of it was switched. */
function holdReasonOf(end: WaveEnd, name: string): string {
  const reasons: Readonly<Partial<Record<WaveEnd, string>>> = {
    expired: `gate ${gateNames.switch(name)}: nobody decided before the deadline`,
    exhausted: `gate ${gateNames.switch(name)}: its evidence never became good enough`,
    notReady: `wave ${name} is not ready or its way back is not proved; the status and Temporal UI say what failed`,
    abandoned: `wave ${name} was fenced by another process`,
  };
  return `${reasons[end] ?? end}; a resume takes the wave back and begins its next attempt`;
}

/**
 * Carries a wave through its courses until it has arrived; those it has gone already are found as they ended. When it is rolled back (a breach, a
 * signal, a no-go), the retry gate decides about the next numbered attempt, which begins with the first course of `again`.
 */
export async function carry(run: Run, name: string, courses: readonly Course[], again: readonly Course[]): Promise<void> {
  let left = [...courses];
  if (run.retries.has(name)) {
    await tryAgain(run, name);
    left = [...again];
  }
  for (let course = left.shift(); course !== undefined; course = left.shift()) {
    const ref = { ...run.ref, wave: name, attempt: run.attempt(name) };
    const end = await runWave(run, name, course);
    // A rollback that was ordered in the moment the wave arrived is carried out all the same.
    if (run.order === null && (end === 'loaded' || end === 'switched')) {
      if (end === 'switched') run.switched.add(name);
      continue;
    }
    const order = await orderFor(run, ref, end);
    const requestId = `${name}-${String(ref.attempt)}-${end}`;
    if (order === null) await holdUntilResumed(run, holdReasonOf(end, name), requestId);
    await goBack(run, name, order ?? { requestId, scope: name, reason: 'the gate could not be decided; the wave begins anew' });
    await tryAgain(run, name);
    left = [...again];
  }
}

/** Takes the wave back. */
async function goBack(run: Run, name: string, order: RollbackOrder): Promise<void> {
  await takeBack(run, name, order);
  if (run.order === order) run.order = null;
  run.show({ step: 'rolled back' });
}

/**
 * The retry gate: a go begins the next attempt, after a pause that grows with each; anything else holds the run until somebody resumes it, and the
 * gate opens again. A wave that was tried as often as the plan allows holds the run first: a resume allows one attempt more.
 */
export async function tryAgain(run: Run, name: string): Promise<void> {
  const isDecided = run.retries.get(name) === 'decided';
  run.retries.set(name, 'underWay');
  const tried = run.attempt(name);
  const { gates, timings } = setupOf(run);
  const retry = gateNames.retry(name);
  if (tried >= gates.retry.maxAttempts)
    await holdUntilResumed(run, triedOutText(run.ref.run, name, tried), `${name} tried ${String(tried)} times`);
  while (!isDecided && (await gate(run, 'retry', retry, name)) !== 'go')
    await holdUntilResumed(run, `gate ${retry} did not get its go`, `${retry}, attempt ${String(run.gateAttempt)}`);
  await whileHeld(run);
  await condition(() => false, pauseBeforeAttempt(timings.retryPauseMs, tried), {
    summary: `pause before attempt ${String(tried + 1)} of wave ${name}`,
  });
  await whileHeld(run);
  await quickly.beginAttempt({ ...run.ref, wave: name, attempt: tried + 1 });
  run.attempts.set(name, tried + 1);
  run.retries.delete(name);
}
