import type { LaneEnd } from '../contracts/activities.ts';
import { isOver } from './long.ts';
import { condition } from './timers.ts';

/** A lane that is held, or has no guard, looks again after so long (ms), twice as long each time up to five minutes: a long wait must not fill the history. */
const firstLookMs = 2_000;
const longestWaitMs = 300_000;

/** The longest wait (ms) for calls that the system takes again: they may be free earlier than was told. */
const askAgainMs = 60_000;

/** A flag the run sets when its hold is lifted. */
export interface Resumption {
  resumed: boolean;
}

/** Ms a lane waits at least before it is called again; twice as long each time nothing was written, up to ten minutes. */
const leastWaitMs = 50;
const longestIdleMs = 600_000;

/**
 * Calls a lane activity until it is done, or fenced by a rollback. Every wait is a named timer, so that the Timeline shows what is waited for:
 * the end of a hold, a living guard, calls that the system takes again, or the horizon of a call whose outcome is unknown. Before a wait it is `left` where the history is long: the same
 * lane is then called again by the next execution.
 */
export async function runLane(
  name: string,
  resumption: Resumption,
  call: () => Promise<LaneEnd>,
  mayLeave: () => boolean = isOver,
): Promise<'done' | 'fenced' | 'left'> {
  let lookInMs = firstLookMs;
  let idleMs = leastWaitMs;
  for (;;) {
    resumption.resumed = false;
    const end = await call();
    if (end.end === 'done' || end.end === 'fenced') return end.end;
    if (mayLeave()) return 'left';
    switch (end.end) {
      case 'held':
      case 'noGuard':
        await condition(() => resumption.resumed, lookInMs, { summary: `${name}: ${end.why}` });
        lookInMs = Math.min(2 * lookInMs, longestWaitMs);
        break;
      case 'budget':
        await condition(() => resumption.resumed, Math.min(end.waitMs, askAgainMs), { summary: end.why });
        break;
      case 'wait':
        await condition(() => false, Math.max(idleMs, end.waitMs), { summary: `${name}: ${end.why}` });
        idleMs = end.written > 0 ? leastWaitMs : Math.min(2 * idleMs, longestIdleMs);
    }
  }
}
