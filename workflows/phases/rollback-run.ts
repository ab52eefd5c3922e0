import { CancellationScope } from '@temporalio/workflow';
import { sharedWave } from '../../contracts/messages.ts';
import { ending, quickly } from '../activity-proxies.ts';
import { takeBack } from '../children.ts';
import type { IdleRollbacks } from '../idle-rollbacks.ts';
import type { Run } from '../run/state.ts';
import { enter, setupOf } from '../steps.ts';

/** Takes the whole run back: its waves in reverse order, the shared records last, then what we installed in legacy. */
export async function rollbackRun(run: Run, idle: IdleRollbacks): Promise<string> {
  const { order } = run;
  if (order === null) throw new Error('nobody has ordered the rollback of the run');
  await quickly.liftHolds(run.ref, order.requestId, 'the whole run is taken back');
  await enter(run, 'rollback', { step: order.reason, waiting: null });
  await idle.settled();
  const { pilot, expansion } = setupOf(run);
  let state: 'rolledBack' | 'rolledBackWithExceptions' = 'rolledBack';
  for (const wave of [...expansion].reverse().concat(pilot, sharedWave)) {
    const end = await takeBack(run, wave, order);
    if (end.state === 'rolledBackWithExceptions') state = end.state;
  }
  return (await CancellationScope.nonCancellable(() => ending.endRun(run.ref, state))) ?? state;
}
