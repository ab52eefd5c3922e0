import {
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
  type ChildWorkflowHandle,
  type Workflow,
  type WorkflowResultType,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { asDetails, asSummary } from '../contracts/metadata.ts';
import type { RunRef } from '../contracts/messages.ts';
import { quickly } from './activity-proxies.ts';
import { shielded } from './shield.ts';
import { signalIfThere } from './signal-if-there.ts';
import { endedSignal, stopAskedSignal } from './signals.ts';
import { condition, sleep } from './timers.ts';

/** A child a parent wants to see ended. Its id names what it does, so that whoever starts the parent again finds it. */
export interface Child<W extends Workflow> {
  readonly workflow: W;
  readonly workflowId: string;
  /** A function is asked at each start. */
  readonly args: Parameters<W> | (() => Parameters<W>);
  readonly summary: string;
  readonly details?: string;
}

/** Pauses between two looks at a child that another execution of the parent had started, and before one that was ended from outside begins again (ms). */
const [firstPauseMs, longestPauseMs] = [1_000, 300_000];

/** The children of one workflow: their ends are found whoever started them (P12). */
export class Children {
  readonly #desks = new Map<string, { news: boolean }>();

  constructor() {
    setHandler(
      endedSignal,
      (workflowId) => {
        const desk = this.#desks.get(workflowId);
        if (desk !== undefined) desk.news = true;
      },
      { description: 'Sent by a child that has written its end in the ledger.' },
    );
  }

  /**
   * Runs a child to its end. One that is under way is found and waited for (`found` is called once), one that has ended is not begun again, one that
   * was terminated or failed is. What it came to is its result, or what it wrote in the ledger.
   */
  async run<W extends Workflow>(child: Child<W>, found?: () => Promise<void>): Promise<WorkflowResultType<W>> {
    const desk = { news: false };
    this.#desks.set(child.workflowId, desk);
    let isNew = true;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const handle = await startOrFind(child);
      const result = handle === null ? null : await resultOrNews(handle, desk);
      if (result !== null) return result.ended as WorkflowResultType<W>;
      desk.news = false;
      const known = await quickly.endOf(child.workflowId);
      if (known !== null) return known.ended as WorkflowResultType<W>;
      if (isNew && handle === null) await found?.();
      isNew = false;
      await condition(() => desk.news, pauseMs, {
        summary: `${child.summary}: ${handle === null ? 'under way since before this workflow began' : 'its workflow was ended from outside, and begins again'}`,
      });
    }
  }
}

/**
 * Starts a child; null where it is under way, or has ended well. The start itself is never interrupted: a start that is cancelled and then refused by
 * the server is answered never, and its parent would wait for ever. Whoever is interrupted hears so in the next wait.
 */
export async function startOrFind<W extends Workflow>({
  workflow,
  workflowId,
  args,
  summary,
  details,
}: Child<W>): Promise<ChildWorkflowHandle<W> | null> {
  try {
    return await CancellationScope.nonCancellable(() =>
      startChild<Workflow>(workflow, {
        workflowId,
        args: typeof args === 'function' ? args() : args,
        staticSummary: asSummary(summary),
        ...(details === undefined ? {} : { staticDetails: asDetails(details) }),
        // Children outlive their parent's end (P5), and are stopped by the ledger, never by a cancelled scope of their parent.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** How long the result of a child may come after the news of its end (ms): to an execution that was set back it never comes. */
const resultWithinMs = 1_000;

/** The result of a child; null where it has to be asked of the ledger. */
async function resultOrNews(
  handle: ChildWorkflowHandle<Workflow>,
  desk: { readonly news: boolean },
): Promise<{ readonly ended: unknown } | null> {
  const waits = new CancellationScope({ cancellable: true });
  const result = resultOf(handle);
  const late = waits
    .run(async () => {
      await condition(() => desk.news);
      await sleep(resultWithinMs, { summary: 'the end of a child is looked up' });
    })
    .then(
      () => null,
      () => null,
    );
  try {
    return await Promise.race([result, late]);
  } finally {
    waits.cancel();
  }
}

/** The result of a child; null where it was terminated or failed. */
async function resultOf(handle: ChildWorkflowHandle<Workflow>): Promise<{ readonly ended: unknown } | null> {
  try {
    return { ended: await handle.result() };
  } catch {
    // Where this workflow itself was interrupted, its next wait says so.
    return null;
  }
}

/**
 * The life of a child: a request for cancellation goes to the run and stops nothing here; the end is written in the ledger before the parent is
 * told, so that no parent needs to be there to hear it.
 */
export function asChild<T>(ref: RunRef, body: () => Promise<T>): Promise<T> {
  const { workflowId, parent } = workflowInfo();
  return shielded(
    () => signalIfThere(ref.run, stopAskedSignal, workflowId).then(() => undefined),
    async () => {
      const ended = await body();
      await quickly.noteEnd(ref, workflowId, ended, parent && { workflowId: parent.workflowId, runId: parent.runId });
      return ended;
    },
  );
}
