import { CancellationScope, CancelledFailure } from '@temporalio/workflow';
import { gateNames } from '../contracts/messages.ts';
import { runWave, takeBack } from './children.ts';
import type { RollbackOrder, Run } from './run/state.ts';
import { gate, holdUntilResumed, setupOf, whileHeld } from './steps.ts';
import type { Course, WaveEnd } from './wave.ts';
import { quickly } from './activity-proxies.ts';

/** Why a wave that did not reach its end is taken back, or null where the run only waits for a person. */
function orderFor(run: Run, name: string, end: WaveEnd): RollbackOrder | null {
  if (run.order !== null) return run.order;
  const requestId = `${name}-${String(run.attempt(name))}-${end}`;
  if (end === 'noGo')
    return { requestId, scope: name, reason: 'no-go at its gate: the wave goes back, its accounts are opened again in legacy' };
  const { atDeadline } = setupOf(run).gates.switch;
  if (end === 'expired' && atDeadline === 'rollback')
    return { requestId, scope: name, reason: 'nobody decided before the deadline, and the plan then takes the wave back' };
  return null;
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
 * Carries a wave through its courses until it has arrived. When it is rolled back (a breach, a signal, a no-go), the retry gate decides about
 * the next numbered attempt, which begins with the first course of `again`.
 */
export async function carry(run: Run, name: string, courses: readonly Course[], again: readonly Course[]): Promise<void> {
  let left = [...courses];
  for (let course = left.shift(); course !== undefined; course = left.shift()) {
    const end = await runWave(run, name, course);
    if (run.order?.scope === 'run') throw new CancelledFailure('the whole run is being rolled back');
    // A rollback that was ordered in the moment the wave arrived is carried out all the same.
    if (run.order === null && (end === 'loaded' || end === 'switched')) {
      if (end === 'switched') run.switched.add(name);
      continue;
    }
    const order = orderFor(run, name, end);
    if (order === null) await holdUntilResumed(run, holdReasonOf(end, name));
    await goBack(
      run,
      name,
      order ?? {
        requestId: `${name}-${String(run.attempt(name))}-${end}`,
        scope: name,
        reason: 'the gate could not be decided; the wave begins anew',
      },
    );
    left = [...again];
  }
}

/** Takes the wave back and waits for the go to try it again. It is not interrupted by a stop of the run, which then takes over. */
async function goBack(run: Run, name: string, order: RollbackOrder): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    await takeBack(run, name, order);
    if (run.order === order) run.order = null;
    run.show({ step: 'rolled back' });
  });
  await CancellationScope.cancellable(() => tryAgain(run, name));
}

/** The retry gate: a go begins the next attempt; anything else holds the run until somebody resumes it, and the gate opens again. */
export async function tryAgain(run: Run, name: string): Promise<void> {
  run.toRetry.delete(name);
  while ((await gate(run, 'retry', gateNames.retry(name), name)) !== 'go')
    await holdUntilResumed(run, `gate ${gateNames.retry(name)} did not get its go`);
  await whileHeld(run);
  await quickly.beginAttempt({ ...run.ref, wave: name, attempt: run.attempt(name) });
}
