import { sleep } from '@temporalio/workflow';
import { quickly } from '../activity-proxies.ts';
import type { Run } from '../run.ts';
import { setupOf } from '../steps.ts';

/** The watched time after the last switch; the guards go on. */
export async function hypercare(run: Run): Promise<void> {
  run.show({ phase: 'hypercare', wave: null, step: 'watched time' });
  await quickly.enterPhase(run.ref, 'hypercare');
  await sleep(setupOf(run).timings.hypercareMs, { summary: 'hypercare' });
}
