import { condition, continueAsNew, setHandler } from '@temporalio/workflow';
import type { RunRef } from '../contracts/messages.ts';
import { quickly } from './activity-proxies.ts';
import { breachedSignal, endWatchSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';

/** Looks of one run of this workflow; about ten events each, far below the limit of 4,000. */
const looks = 200;

/**
 * The watcher: measures and judges every guard on its interval, whatever the run is waiting for, and tells the run of breaches nobody has
 * answered. Ends when the run has ended.
 */
export async function watch(ref: RunRef, everyMs: number): Promise<void> {
  const state = { over: false };
  setHandler(
    endWatchSignal,
    () => {
      state.over = true;
    },
    { description: 'Sent by the run when it has ended.' },
  );
  let told = '';
  for (let look = 0; look < looks; look += 1) {
    if (state.over) return;
    const breaches = await quickly.judgeGuards(ref);
    const text = JSON.stringify(breaches);
    if (breaches.length > 0 && text !== told) await signalIfThere(ref.run, breachedSignal, breaches);
    told = text;
    await condition(() => state.over, everyMs, {
      summary:
        breaches.length === 0 ? 'Guards: nothing wrong' : `Guards: ${breaches.map(({ guard, wave }) => `${guard} in ${wave}`).join(', ')}`,
    });
  }
  if (!state.over) await continueAsNew<typeof watch>(ref, everyMs);
}
