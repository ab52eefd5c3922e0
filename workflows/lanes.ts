import { condition } from '@temporalio/workflow';
import type { LaneEnd } from '../contracts/activities.ts';

/** A lane without a guard looks again after so long (ms), twice as long each time up to an hour: a long wait must not fill the history. */
const firstLookMs = 2_000;
const longestWaitMs = 3_600_000;

/** A flag the run sets when its hold is lifted. */
export interface Resumption {
  resumed: boolean;
}

/** Ms a lane waits at least before it is called again. */
const leastWaitMs = 50;

/**
 * Calls a lane activity until it is done, or fenced by a rollback. Every wait is a named timer, so that the Timeline shows what is waited for:
 * the end of a hold, a living guard, or the horizon of a call whose outcome is unknown.
 */
export async function runLane(name: string, resumption: Resumption, call: () => Promise<LaneEnd>): Promise<'done' | 'fenced'> {
  let lookInMs = firstLookMs;
  for (;;) {
    resumption.resumed = false;
    const end = await call();
    switch (end.end) {
      case 'done':
      case 'fenced':
        return end.end;
      case 'held':
      case 'noGuard':
        await condition(() => resumption.resumed, lookInMs, { summary: `${name}: ${end.why}` });
        lookInMs = Math.min(2 * lookInMs, longestWaitMs);
        break;
      case 'wait':
        await condition(() => false, Math.max(leastWaitMs, end.waitMs), { summary: `${name}: ${end.why}` });
    }
  }
}
