import { Context, heartbeat } from '@temporalio/activity';
import type { Reading } from '../contracts/activities.ts';
import type { Call } from '../ledger/asked.ts';

/** What an activity last told of its progress, so that the pulse repeats it instead of wiping it out. */
const told = new WeakMap<Context, unknown>();

/** Up to where the work of an activity is done for good, by the names it has for that. */
export type Mark = Readonly<Record<string, string>>;

/** Goes with every sign of life, so that a later try goes on from there. */
const marks = new WeakMap<Context, Mark>();

/** Between two signs of life (ms); the heartbeat timeout of every activity is four times as long. */
const beatEveryMs = 1_000;

/** Tells Temporal how far an activity is: ordinals and counts only, shown in the UI while it runs. */
export function progress(details: Readonly<Record<string, string | number | null>>): void {
  told.set(Context.current(), details);
  heartbeat(withMark(Context.current(), details));
}

/** Notes up to where the work is done, by ids alone; told with the next sign of life. */
export function markDone(mark: Mark): void {
  marks.set(Context.current(), mark);
}

/** Up to where an earlier try had done the work, which counts for this one too; null where none has told. */
export function doneBefore(): Mark | null {
  const { heartbeatDetails } = Context.current().info as { readonly heartbeatDetails?: { readonly mark?: Mark } };
  const mark = heartbeatDetails?.mark ?? null;
  if (mark !== null) markDone(mark);
  return mark;
}

/** The place of the object that was worked on then; -1 where the work begins. */
export function placeOf(objects: readonly { readonly name: string }[], mark: Mark | null): number {
  return objects.findIndex(({ name }) => name === mark?.['object']);
}

function withMark(context: Context, details: unknown): unknown {
  const mark = marks.get(context);
  return mark === undefined ? details : { ...(details as object | undefined), mark };
}

/** Whether the activity runs for the first time: a try that failed, or whose worker died, was before it otherwise. */
export function isFirstTry(): boolean {
  return Context.current().info.attempt === 1;
}

/** Names one call of an activity by a workflow: the same for each of its tries, and for no other call. */
function callKey(): string {
  return `${callerRunId()}/${Context.current().info.activityId}`;
}

/** The same, and when the workflow asked for it. */
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
    context.heartbeat(withMark(context, told.get(context)));
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
