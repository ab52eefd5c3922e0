import { randomUUID } from 'node:crypto';
import { asyncLocalStorage, type Context } from '@temporalio/activity';

/** Calls an activity where its sign of life goes nowhere and nobody cancels it: no Temporal listens here. `attempt`: which try it is. */
export function inActivity<T>(work: () => Promise<T>, attempt = 1, activityType?: string): Promise<T> {
  return inTry(work, { attempt, activityType }, () => undefined);
}

/** The same for one try of a call (`activityId`), and somebody who hears what it tells. */
export function inTry<T>(
  work: () => Promise<T>,
  info: {
    readonly attempt: number;
    readonly activityId?: string;
    readonly activityType?: string | undefined;
  },
  heartbeat: (details: unknown) => void,
): Promise<T> {
  const context = { info: { activityId: randomUUID(), ...info }, heartbeat, cancellationSignal: new AbortController().signal };
  return asyncLocalStorage.run(context as unknown as Context, work);
}

/** A system that an activity has no business with: whoever reaches for it fails. */
export const unused = new Proxy(
  {},
  {
    get: (_, name) => {
      throw new Error(`this system is not needed here, and ${String(name)} was asked for`);
    },
  },
) as never;
