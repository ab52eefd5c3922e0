import { CancellationScope, isCancellation, setHandler } from '@temporalio/workflow';
import type { RunSetup } from '../contracts/activities.ts';
import type { WaveRef } from '../contracts/messages.ts';
import type { GateEnd } from './gate.ts';
import { abandonSignal } from './signals.ts';
import { cameTooLate, Fenced, NotReady, WaveSteps } from './wave-steps.ts';

/** Which part of a wave's way this workflow goes. */
export type Course = 'shared' | 'pilot' | 'parallelRun' | 'expansion';

/** How it ended; only `loaded` and `switched` are good ends, after all others the run takes the wave back or waits. */
export type WaveEnd = 'loaded' | 'switched' | 'abandoned' | 'notReady' | Exclude<GateEnd, 'go' | 'lapsed'>;

/** A wave: readiness, way back proved, freeze, last delta, load, verify, gate, switch, smoke, soak. */
export async function wave(ref: WaveRef, setup: RunSetup, course: Course, sharedAttempt: number): Promise<WaveEnd> {
  const steps = new WaveSteps(ref, setup, sharedAttempt);
  const scope = new CancellationScope({ cancellable: true });
  setHandler(
    abandonSignal,
    () => {
      scope.cancel();
    },
    { description: 'Sent by the run when this wave is rolled back.' },
  );
  try {
    return await scope.run(() => follow(steps, course));
  } catch (error) {
    if (error instanceof Fenced || cameTooLate(error) || (isCancellation(error) && scope.consideredCancelled)) return 'abandoned';
    if (error instanceof NotReady) return 'notReady';
    throw error;
  }
}

async function follow(steps: WaveSteps, course: Course): Promise<WaveEnd> {
  if (course !== 'parallelRun') {
    await steps.readiness();
    await steps.proveWayBack();
  }
  if (course === 'shared' || course === 'pilot') {
    await steps.loadRecords();
    await steps.shadow();
    return 'loaded';
  }
  if (course === 'parallelRun') await steps.runInParallel();
  return switchOver(steps, steps.maxAttempts);
}

/** From the freeze to the soak. A lapsed lease begins again at the freeze; a change behind the seal begins again at the delta; not for ever. */
async function switchOver(steps: WaveSteps, maxAttempts: number): Promise<WaveEnd> {
  let sealed = 'lapsed';
  for (let attempt = 1; sealed !== 'sealed'; attempt += 1) {
    if (attempt > maxAttempts) return 'exhausted';
    if (sealed === 'lapsed') await steps.freeze();
    await steps.delta();
    await steps.loadRecords();
    await steps.verify();
    const end = await steps.gate();
    if (end === 'lapsed') continue;
    if (end !== 'go') return end;
    sealed = await steps.seal();
  }
  await steps.activate();
  await steps.smoke();
  await steps.soak();
  return 'switched';
}
