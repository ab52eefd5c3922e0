import { sharedWave } from '../../contracts/messages.ts';
import { longRun, quickly } from '../activity-proxies.ts';
import type { Run } from '../run/state.ts';
import { enter, setupOf } from '../steps.ts';
import { sleep } from '../timers.ts';

/** The watched time after the last switch: both books are compared for everybody who was switched, in this run or before, and the guards go on. */
export async function hypercare(run: Run): Promise<void> {
  await enter(run, 'hypercare', { wave: null, step: 'watched time' });
  const { hypercareMs, reconcileEveryMs } = setupOf(run).timings;
  const everybody = { ...run.ref, wave: sharedWave, attempt: run.attempt(sharedWave) };
  const { round, elapsedMs } = await quickly.beginStep(everybody, 'hypercare');
  const until = Date.now() + hypercareMs - elapsedMs;
  do {
    await longRun('compare the two books of everybody switched').compareBooks(everybody);
    await sleep(Math.min(reconcileEveryMs, hypercareMs), { summary: 'hypercare: until the next comparison' });
  } while (Date.now() < until);
  await quickly.endStep(everybody, 'hypercare', round);
}
