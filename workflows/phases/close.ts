import { sharedWave } from '../../contracts/messages.ts';
import type { IdleRollbacks } from '../idle-rollbacks.ts';
import type { Run } from '../run/state.ts';
import { enter, gate } from '../steps.ts';

/**
 * The last gate; its go signs off what is open. False where it was not given, or a wave was taken back while people decided: then the run goes
 * on as if nobody had asked.
 */
export async function close(run: Run, idle: IdleRollbacks): Promise<boolean> {
  await enter(run, 'close', { step: 'last gate' });
  const isDecided = run.standing?.isClosing === true && !run.hasLeftClose;
  run.hasLeftClose = true;
  if (!isDecided && (await gate(run, 'close', 'close', sharedWave, () => run.toRetry.size > 0)) !== 'go') return false;
  await idle.settled();
  return idle.unswitched().length === 0;
}
