import { setHandler, workflowInfo } from '@temporalio/workflow';
import type { RunRef } from '../contracts/messages.ts';
import { looking, quickly } from './activity-proxies.ts';
import { goOnAnew, isOver } from './long.ts';
import { shielded } from './shield.ts';
import { breachedSignal, endWatchSignal, stopAskedSignal, tellAgainSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';
import { condition } from './timers.ts';

/** Looks of one run of this workflow; about thirteen events each, far below the limit of 4,000. */
const looks = 200;

/**
 * The watcher: measures and judges every guard on its interval, whatever the run is waiting for, and tells the run of breaches nobody has
 * answered. Where nobody can steer the run any more it holds the run. Ends when the run has ended.
 */
export function watch(ref: RunRef, everyMs: number): Promise<void> {
  const state = { over: false, told: '' };
  setHandler(
    endWatchSignal,
    () => {
      state.over = true;
    },
    { description: 'Sent by the run when it has ended.' },
  );
  setHandler(
    tellAgainSignal,
    () => {
      state.told = '';
    },
    { description: 'Sent by a run that was taken up again: tell it of every breach nobody has answered.' },
  );
  const askedToStop = (): Promise<unknown> => signalIfThere(ref.run, stopAskedSignal, workflowInfo().workflowId);
  return shielded(
    () => askedToStop().then(() => undefined),
    () => look(ref, everyMs, state),
  );
}

async function look(ref: RunRef, everyMs: number, state: { over: boolean; told: string }): Promise<void> {
  for (let look = 0; look < looks && !isOver(); look += 1) {
    if (state.over || (await quickly.lookAtRun(ref)) === 'ended') return;
    const breaches = await looking.judgeGuards(ref);
    const text = JSON.stringify(breaches);
    if (breaches.length > 0 && text !== state.told) await signalIfThere(ref.run, breachedSignal, breaches);
    state.told = text;
    await condition(() => state.over, everyMs, {
      summary:
        breaches.length === 0 ? 'Guards: nothing wrong' : `Guards: ${breaches.map(({ guard, wave }) => `${guard} in ${wave}`).join(', ')}`,
    });
  }
  if (!state.over) await goOnAnew<typeof watch>(ref, everyMs);
}
