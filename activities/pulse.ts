import { Context, heartbeat } from '@temporalio/activity';
import type { Reading } from '../contracts/activities.ts';

/** What an activity last told of its progress, so that the pulse repeats it instead of wiping it out. */
const told = new WeakMap<Context, unknown>();

/** Between two signs of life (ms); the heartbeat timeout of every activity is four times as long. */
const beatEveryMs = 1_000;

/** Tells Temporal how far an activity is: ordinals and counts only, shown in the UI while it runs. */
export function progress(details: Readonly<Record<string, string | number>>): void {
  told.set(Context.current(), details);
  heartbeat(details);
}

/** Whether the activity runs for the first time: a try that failed, or whose worker died, was before it otherwise. */
export function isFirstTry(): boolean {
  return Context.current().info.attempt === 1;
}

/** Runs an activity with a sign of life every second, so that a process that died or sleeps is noticed within seconds, whatever it was doing. */
export async function withPulse<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => {
    context.heartbeat(told.get(context));
  }, beatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/**
 * Passes pages on, and tells from the second one on how far the reading is: what has one page is read at once. `count` is asked once, for all rows
 * there are.
 */
export async function* toldPages<Row>(
  reading: string,
  pages: AsyncIterable<readonly Row[]>,
  count: () => Promise<number>,
): AsyncGenerator<readonly Row[]> {
  const beganMs = performance.now();
  let [done, total] = [0, 0];
  try {
    for await (const page of pages) {
      if (done > 0 && total === 0) total = await count();
      if (done > 0) progress({ reading, done, total: Math.max(total, done), elapsedMs: Math.round(performance.now() - beganMs) } satisfies Reading);
      yield page;
      done += page.length;
    }
  } finally {
    if (total > 0) progress({});
  }
}
