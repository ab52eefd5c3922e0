import { CancellationScope } from '@temporalio/workflow';
import { markdownText } from '../contracts/markdown.ts';
import { ids, sharedWave, type WaveRef } from '../contracts/messages.ts';
import { quickly } from './activity-proxies.ts';
import { startOrFind } from './child.ts';
import { summaryOf } from './gate.ts';
import { rollback, type RollbackEnd } from './rollback.ts';
import type { Run, RollbackOrder } from './run/state.ts';
import { endWatchSignal, tellAgainSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';
import { greet, setupOf } from './steps.ts';
import { watch } from './watch.ts';
import { wave, type Course, type WaveEnd } from './wave.ts';
import { condition } from './timers.ts';

/** Looks after the watcher of the guards while the run lives: where it ended, whoever ended it, it is started again. */
export function keepWatcher(run: Run): void {
  if (run.isWatched) return;
  run.isWatched = true;
  void CancellationScope.nonCancellable(() => watchTheWatcher(run));
}

/** Pauses between two looks at the watcher (ms): at one that was found, or before one that was ended from outside is started again. */
const [firstPauseMs, longestPauseMs] = [1_000, 600_000];

async function watchTheWatcher(run: Run): Promise<void> {
  const isOver = (): boolean => run.end !== null || run.isLeaving;
  const child = {
    workflow: watch,
    workflowId: ids.watch(run.ref.run),
    args: [run.ref, setupOf(run).timings.guardEveryMs] as Parameters<typeof watch>,
    summary: 'watches the guards',
  };
  for (let pauseMs = firstPauseMs; !isOver(); pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const handle = await startOrFind(child);
    if (handle === null) await signalIfThere(child.workflowId, tellAgainSignal);
    else await handle.result().catch(() => undefined);
    if (!isOver()) await condition(isOver, pauseMs, { summary: 'until the next look at the watcher of the guards' });
  }
}

export async function endWatcher(run: Run): Promise<void> {
  await signalIfThere(ids.watch(run.ref.run), endWatchSignal);
}

/** Runs one course of a wave attempt as a child; the run knows meanwhile whom to pass decisions to. */
export async function runWave(run: Run, name: string, course: Course): Promise<WaveEnd> {
  const ref: WaveRef = { ...run.ref, wave: name, attempt: run.attempt(name) };
  const workflowId = (course === 'parallelRun' ? ids.parallelRun : ids.wave)(run.ref.run, name, ref.attempt);
  run.child = workflowId;
  run.show({ wave: name, step: course });
  const sign = new CancellationScope();
  void sign.run(() => showItsGate(run)).catch(() => undefined);
  const summary = `wave ${name}, attempt ${String(ref.attempt)}: ${course}`;
  try {
    return await run.children.run(
      {
        ...{ workflow: wave, workflowId, summary },
        // Of the moment it is begun: one that was ended from outside begins again, under another standing.
        args: (): Parameters<typeof wave> => [ref, setupOf(run), course, run.attempt(sharedWave), run.heldOn(name) !== null],
      },
      () => greet(run, workflowId),
    );
  } finally {
    sign.cancel();
    run.child = null;
    run.show({ waiting: null });
  }
}

/** While the wave waits at its gate the run holds a timer that says so: whoever opens the run sees on its Timeline who is waited for. */
async function showItsGate(run: Run): Promise<never> {
  for (;;) {
    await condition(() => run.waiting !== null);
    const { waiting } = run;
    if (waiting !== null) await condition(() => run.waiting !== waiting, longestTimer, { summary: summaryOf(waiting) });
  }
}

/** A gate without a deadline is shown anew after so long. */
const longestTimer = '30d';

/** Takes one wave attempt back; whoever asks for it while that is under way waits for the same end. */
export function takeBack(run: Run, name: string, order: RollbackOrder): Promise<RollbackEnd> {
  const back = run.backs.get(name) ?? rollBack(run, name, order).finally(() => run.backs.delete(name));
  run.backs.set(name, back);
  return back;
}

/** The rollback is a child; a wave that never began has nothing to undo. */
async function rollBack(run: Run, name: string, order: RollbackOrder): Promise<RollbackEnd> {
  const ref: WaveRef = { ...run.ref, wave: name, attempt: run.attempt(name) };
  const { state } = await quickly.waveStands(ref);
  if (state === 'planned' || state === 'closed') return { wave: name, state: 'nothingToUndo', undone: 0, kept: 0 };
  const end = await run.children.run({
    workflow: rollback,
    workflowId: ids.rollback(run.ref.run, name, ref.attempt),
    args: [ref, order.requestId, order.reason],
    summary: `rollback of ${name}, attempt ${String(ref.attempt)}`,
    details: markdownText(order.reason),
  });
  run.switched.delete(name);
  return end;
}
