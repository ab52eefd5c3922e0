import { CancellationScope, condition, executeChild, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { ids, sharedWave, type WaveRef } from '../contracts/messages.ts';
import { summaryOf } from './gate.ts';
import { rollback, type RollbackEnd } from './rollback.ts';
import type { Run, RollbackOrder } from './run/state.ts';
import { endWatchSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';
import { setupOf } from './steps.ts';
import { watch } from './watch.ts';
import { wave, type Course, type WaveEnd } from './wave.ts';

/** Children outlive their parent's end (P5): the watcher and a rollback must not die with a terminated run. */
const parentClosePolicy = ParentClosePolicy.ABANDON;

export async function startWatcher(run: Run): Promise<void> {
  await startChild(watch, {
    workflowId: ids.watch(run.ref.run),
    args: [run.ref, setupOf(run).timings.guardEveryMs],
    staticSummary: 'watches the guards',
    parentClosePolicy,
  });
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
  try {
    return await executeChild(wave, {
      workflowId,
      args: [ref, setupOf(run), course, run.attempt(sharedWave)],
      staticSummary: `wave ${name}, attempt ${String(ref.attempt)}: ${course}`,
      parentClosePolicy,
    });
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
  const attempt = run.attempt(name);
  const ref: WaveRef = { ...run.ref, wave: name, attempt };
  const end = await executeChild(rollback, {
    workflowId: ids.rollback(run.ref.run, name, attempt),
    args: [ref, order.requestId, order.reason],
    staticSummary: `rollback of ${name}, attempt ${String(attempt)}`,
    staticDetails: order.reason,
    parentClosePolicy,
  });
  run.switched.delete(name);
  if (end.state !== 'nothingToUndo') run.attempts.set(name, attempt + 1);
  return end;
}
