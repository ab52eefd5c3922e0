import { sharedWave } from '../../contracts/messages.ts';
import { laneRun, quickly } from '../activity-proxies.ts';
import { carry, tryAgain } from '../carry.ts';
import type { IdleRollbacks } from '../idle-rollbacks.ts';
import { runLane } from '../lanes.ts';
import type { Run } from '../run.ts';

/** One wave after the other, until none is left; a wave that was taken back meanwhile comes again behind its retry gate. */
export async function expansion(run: Run, idle: IdleRollbacks): Promise<void> {
  run.show({ phase: 'expansion' });
  await quickly.enterPhase(run.ref, 'expansion');
  for (let [name] = idle.unswitched(); name !== undefined; [name] = idle.unswitched()) {
    await idle.settled();
    if (idle.toRetry.delete(name)) await tryAgain(run, name);
    await carry(run, name, ['expansion'], ['expansion']);
  }
  await retire(run);
}

/** After the last switch, discontinued products leave the range. */
async function retire(run: Run): Promise<void> {
  const shared = { ...run.ref, wave: sharedWave, attempt: run.attempt(sharedWave) };
  for (const lane of await quickly.retireRecords(shared))
    await runLane('retire', { resumed: false }, () => laneRun('retire records').switchLane(shared, lane));
}
