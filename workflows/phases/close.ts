import { sharedWave } from '../../contracts/messages.ts';
import { ending } from '../activity-proxies.ts';
import type { IdleRollbacks } from '../idle-rollbacks.ts';
import type { Run } from '../run/state.ts';
import { enter, gate, hearStanding } from '../steps.ts';
import { condition } from '../timers.ts';

/**
 * The last gate; its go signs off what is open. False where it was not given, or a wave was taken back while people decided: then the run goes
 * on as if nobody had asked.
 */
export async function close(run: Run, idle: IdleRollbacks): Promise<boolean> {
  await enter(run, 'close', { step: 'last gate' });
  const isDecided = run.standing?.isClosing === true && !run.hasLeftClose;
  run.hasLeftClose = true;
  if (!isDecided && (await gate(run, 'close', 'close', sharedWave, () => idle.unswitched().length > 0)) !== 'go') return false;
  await idle.settled();
  return idle.unswitched().length === 0;
}

/** Between two tries to end a run against which something stands that it has not heard of yet. */
const again = '5s';

/**
 * Ends the run behind the go of its last gate. Until its waves are closed, the ledger says no where a hold or a stop verb stands; behind that nothing does
 * any more, so it is asked before any hold is waited for. Null where a wave was taken back: then the run goes on.
 */
export async function endClosed(run: Run, idle: IdleRollbacks): Promise<string | null> {
  for (;;) {
    const end = await ending.endRun(run.ref, 'closed');
    if (end !== null) return end;
    await hearStanding(run);
    for (let [hold] = run.stands.holds; hold !== undefined; [hold] = run.stands.holds)
      await condition(() => run.stands.holds.length === 0, '1h', { summary: `held: ${hold.reason}` });
    await condition(() => idle.unswitched().length > 0, again, { summary: 'until what stands against the end of the run is acted on' });
    await idle.settled();
    if (idle.unswitched().length > 0) return null;
  }
}
