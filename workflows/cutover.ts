import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { RunRef } from '../contracts/messages.ts';
import { quickly } from './activity-proxies.ts';
import { endWatcher, startWatcher } from './children.ts';
import { clerk } from './clerk.ts';
import { close } from './phases/close.ts';
import { configurationFreeze } from './phases/configuration-freeze.ts';
import { expansion } from './phases/expansion.ts';
import { finalExport } from './phases/final-export.ts';
import { hypercare } from './phases/hypercare.ts';
import { parallelRun } from './phases/parallel-run.ts';
import { pilot } from './phases/pilot.ts';
import { preflight } from './phases/preflight.ts';
import { rollbackRun } from './phases/rollback-run.ts';
import { IdleRollbacks } from './idle-rollbacks.ts';
import { Run } from './run/state.ts';

/** The change-over of one business, as its runbook reads. Returns one line that says how it ended. */
export async function cutover(ref: RunRef): Promise<string> {
  const run = new Run(ref);
  const forward = new CancellationScope({ cancellable: true });
  const idle = new IdleRollbacks(run);
  const desk = CancellationScope.nonCancellable(() =>
    clerk(run, {
      stopRun: () => {
        forward.cancel();
      },
      takeBackIdle: (order) => {
        idle.begin(order);
      },
    }),
  );
  run.setup = await quickly.openRun(ref);
  let end: string;
  try {
    end = await forward.run(async () => {
      await preflight(run);
      await startWatcher(run);
      await configurationFreeze(run);
      await finalExport(run);
      await pilot(run);
      await parallelRun(run, idle);
      do {
        await expansion(run, idle);
        await hypercare(run);
        await idle.settled();
      } while (idle.unswitched().length > 0 || !(await close(run, idle)));
      return CancellationScope.nonCancellable(() => quickly.endRun(ref, 'closed'));
    });
  } catch (error) {
    if (!isCancellation(error)) throw error;
    end = await CancellationScope.nonCancellable(() => rollbackRun(run, idle));
  }
  await CancellationScope.nonCancellable(() => endWatcher(run));
  run.end = end;
  run.show({ phase: 'ended', step: end, waiting: null });
  await desk;
  return end;
}
