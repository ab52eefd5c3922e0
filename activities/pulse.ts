import { Context, heartbeat } from '@temporalio/activity';
import type { Reading } from '../contracts/activities.ts';
import type { Call } from '../ledger/asked.ts';

/** What an activity last told of its progress, so that the pulse repeats it instead of wiping it out. */
const told = new WeakMap<Context, unknown>();

/** Between two signs of life (ms); the heartbeat timeout of every activity is four times as long. */
const beatEveryMs = 1_000;

/** Tells Temporal how far an activity is: ordinals, counts and names of the plan only. It is shown in the UI, and may end in a history. */
export function progress(details: Readonly<Record<string, string | number | null>>): void {
  told.set(Context.current(), details);
  heartbeat(details);
}

/** Which try of the activity this is, from 1: one that failed, or whose worker died, was before any other. */
export function tryNumber(): number {
  return Context.current().info.attempt;
}

/** Names one call of an activity by a workflow: the same for each of its tries, and for no other call. */
export function callKey(): string {
  return `${callerRunId()}/${Context.current().info.activityId}`;
}

/** Names one work of an activity, by whichever call its workflow asks for it. */
export function workKey(what: string): string {
  return JSON.stringify([callerRunId(), Context.current().info.activityType, what]);
}

/** The call as `callKey` names it, and when the workflow asked for it. */
export function calledAs(): Call & { readonly askedMs: number } {
  return { key: callKey(), askedMs: Context.current().info.scheduledTimestampMs };
}

/** The execution of the workflow that called this activity. */
export function callerRunId(): string {
  return Context.current().info.workflowExecution?.runId ?? '';
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
 * Passes pages on, and tells from the second one on how far the reading is: what has one page is read at once. `count` is asked once, beside the
 * reading, for all rows there are; the reading neither waits for it nor fails with it.
 */
export async function* toldPages<Row>(
  reading: string,
  pages: AsyncIterable<readonly Row[]>,
  count: () => Promise<number>,
): AsyncGenerator<readonly Row[]> {
  const beganMs = performance.now();
  let done = 0;
  let total: number | null = null;
  let counting: Promise<void> | undefined;
  const tell = (): void => {
    progress({ reading, done, total, elapsedMs: Math.round(performance.now() - beganMs) } satisfies Reading);
  };
  try {
    for await (const page of pages) {
      if (done > 0) {
        counting ??= count().then(
          (rows) => {
            total = rows;
            tell();
          },
          () => undefined,
        );
        tell();
      }
      yield page;
      done += page.length;
    }
  } finally {
    if (counting !== undefined) {
      await counting;
      progress({});
    }
  }
}
