import { sharedWave } from '../../contracts/messages.ts';
import { laneRun, overAll } from '../activity-proxies.ts';
import { carry, tryAgain } from '../carry.ts';
import type { IdleRollbacks } from '../idle-rollbacks.ts';
import { runLane } from '../lanes.ts';
import type { Run } from '../run/state.ts';
import { enter } from '../steps.ts';

/** One wave after the other, until none is left; a wave that was taken back meanwhile comes again behind its retry gate. */
export async function expansion(run: Run, idle: IdleRollbacks): Promise<void> {
  await enter(run, 'expansion');
  for (let [name] = idle.unswitched(); name !== undefined; [name] = idle.unswitched()) {
    await idle.settled();
    if (run.retries.has(name)) {
      await tryAgain(run, name);
      await settleRange(run);
    }
    await carry(run, name, ['expansion'], ['expansion']);
  }
  await settleRange(run);
}

/** After the last switch, discontinued products leave the range; before a wave that comes again, they are back in it. */
async function settleRange(run: Run): Promise<void> {
  const shared = { ...run.ref, wave: sharedWave, attempt: run.attempt(sharedWave) };
  for (const lane of await overAll.retireRecords(shared))
    await runLane(
      'range',
      { resumed: false },
      () => laneRun('discontinued records').switchLane(shared, lane),
      () => false,
    );
}
