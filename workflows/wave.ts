import { CancellationScope, isCancellation, setHandler } from '@temporalio/workflow';
import type { RunSetup } from '../contracts/activities.ts';
import type { WaveRef } from '../contracts/messages.ts';
import type { WaveCourse, WaveEntry } from '../domain/waves/entry.ts';
import { asChild } from './child.ts';
import type { GateEnd } from './gate.ts';
import { goOnAnew, handlersAtRest, GoesOnAnew } from './long.ts';
import { abandonSignal } from './signals.ts';
import { cameTooLate, NotReady, WaveSteps } from './wave-steps.ts';
import { Fenced } from './wave-telling.ts';

/** Which part of a wave's way this workflow goes. */
export type Course = WaveCourse;

/** How it ended; only `loaded` and `switched` are good ends, after all others the run takes the wave back or waits. */
export type WaveEnd = 'loaded' | 'switched' | 'abandoned' | 'notReady' | Exclude<GateEnd, 'go' | 'remeasure' | 'leaseLapsed'>;

/**
 * A wave: readiness, way back proved, load and verify in shadow, freeze, last delta, load of what changed, verify, gate, switch, smoke, soak. Whatever
 * became of a workflow that went this course before, it goes on from where the ledger has the wave. Where its history becomes long it continues as new;
 * `isHeld`: the execution before this one was held.
 */
export function wave(ref: WaveRef, setup: RunSetup, course: Course, sharedAttempt: number, isHeld = false): Promise<WaveEnd> {
  const steps = new WaveSteps(ref, setup, sharedAttempt, isHeld);
  // Made behind a scope that passes no request for cancellation on: only the run abandons a wave.
  const scope = new CancellationScope({ cancellable: true, parent: new CancellationScope({ cancellable: false }) });
  setHandler(
    abandonSignal,
    async () => {
      scope.cancel();
      await steps.abandonLoad();
    },
    { description: 'Sent by the run when this wave is rolled back.' },
  );
  return asChild(ref, async () => {
    try {
      return await scope.run(() => follow(steps, course));
    } catch (error) {
      if (error instanceof Fenced || cameTooLate(error) || (isCancellation(error) && scope.consideredCancelled)) return 'abandoned';
      if (error instanceof NotReady) return 'notReady';
      if (!(error instanceof GoesOnAnew)) throw error;
      await handlersAtRest();
      return scope.consideredCancelled ? 'abandoned' : goOnAnew<typeof wave>(ref, setup, course, sharedAttempt, steps.isHeld);
    }
  });
}

async function follow(steps: WaveSteps, course: Course): Promise<WaveEnd> {
  const entry = await steps.takeUp(course);
  if (entry === 'over') return 'abandoned';
  const onlyLoads = course === 'shared' || course === 'pilot';
  if (entry === 'done') return onlyLoads ? 'loaded' : 'switched';
  if (entry === 'open') {
    await steps.readiness();
    await steps.proveWayBack();
  }
  if (onlyLoads) {
    if (entry === 'open') await steps.loadRecords();
    await steps.shadow();
    return 'loaded';
  }
  if (entry === 'open') {
    await steps.bringUpToDate();
    await steps.loadRecords();
  }
  if (entry === 'open' || entry === 'verify') {
    await steps.shadow();
    await steps.catchUp();
  }
  if (entry === 'parallelRun') await steps.runInParallel();
  if (entry !== 'switch' && entry !== 'soak') {
    const end = await toTheSeal(steps, entry);
    if (end !== 'sealed') return end;
  }
  if (entry !== 'soak') await steps.activate();
  await steps.smoke();
  await steps.soak();
  return 'switched';
}

/**
 * From the freeze to the seal. Nearly all is loaded before: here only what changed since. A lapsed lease begins again at the freeze; a change behind the
 * seal begins again at the delta; not for ever. A wave that is taken up at its gate, or after its go, asks nobody again.
 */
async function toTheSeal(steps: WaveSteps, entry: WaveEntry): Promise<'sealed' | WaveEnd> {
  let next: WaveEntry | 'delta' = entry === 'gate' || entry === 'seal' ? entry : 'freeze';
  for (let attempt = 1; attempt <= steps.maxAttempts; attempt += 1) {
    if (next === 'freeze') await steps.freeze();
    if ((next === 'freeze' || next === 'delta') && (await behindTheFreeze(steps)) > 0) {
      // Frozen with the others before anybody is asked; what comes right even later waits for the seal, which finds it.
      await steps.freeze();
      await behindTheFreeze(steps);
    }
    const end = next === 'seal' ? 'go' : await steps.gate();
    next = 'freeze';
    if (end === 'remeasure' || end === 'leaseLapsed') continue;
    if (end !== 'go') return end;
    const sealed = await steps.seal();
    if (sealed === 'sealed') return sealed;
    if (sealed === 'changed') next = 'delta';
  }
  return 'exhausted';
}

/** Carries over what changed until the freeze. Returns how many accounts came right only behind it. */
async function behindTheFreeze(steps: WaveSteps): Promise<number> {
  await steps.delta();
  await steps.loadRecords();
  return steps.verify();
}
