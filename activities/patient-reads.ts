import type { TargetPort } from '../contracts/adapter.ts';
import { BudgetWait } from '../contracts/calls.ts';
import { AdapterError, isTransient } from '../contracts/failures.ts';

/** How long a read that failed waits before it is asked again, one time after the other (ms). */
const pausesMs = [250, 500, 1_000, 2_000] as const;

/** A longer wait that a system asks for is the workflow's (ms). */
const longestPauseMs = 10_000;

/**
 * A target whose reads are asked again where they stand when they met what passes by itself: too many calls, an answer that did not come. They change
 * nothing, and an activity that reads tens of thousands of records would begin all of it anew for one of them, and never come to its end. Writes and
 * readings of the clock are sent once; so are probes, whose failure is what they tell, and change feeds, which are short.
 */
export function withPatientReads(port: TargetPort): TargetPort {
  return {
    ...port,
    describe: patient((object) => port.describe(object)),
    fingerprint: patient((objects) => port.fingerprint(objects)),
    check: patient((object, records) => port.check(object, records)),
    get: patient((object, ids) => port.get(object, ids)),
    findByKey: patient((object, keys) => port.findByKey(object, keys)),
    findByFields: patient((object, criteria) => port.findByFields(object, criteria)),
    touched: patient((object, ids, since) => port.touched(object, ids, since)),
    count: patient((object) => port.count(object)),
  };
}

function patient<Given extends unknown[], Found>(read: (...given: Given) => Promise<Found>): (...given: Given) => Promise<Found> {
  return async (...given) => {
    for (const pauseMs of pausesMs) {
      try {
        return await read(...given);
      } catch (error) {
        const waitMs = passesIn(error, pauseMs);
        if (waitMs === null) throw error;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
    return read(...given);
  };
}

/** How long to wait before a read that failed so is asked again (ms); null where that is not for its caller to do. */
function passesIn(error: unknown, pauseMs: number): number | null {
  // Who was told of a budget has waited for it already, as long as it is to be waited for here.
  if (!(error instanceof AdapterError) || error instanceof BudgetWait || !isTransient(error.kind)) return null;
  const asked = error.retryAfterMs ?? 0;
  return asked > longestPauseMs ? null : Math.max(asked, pauseMs);
}
