import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { BegunStep, Execution } from '../../contracts/activities.ts';
import { childEnded, type RunRef, type WaveRef } from '../../contracts/messages.ts';
import type { Deps } from '../deps.ts';
import { calledAs, callerRunId } from '../pulse.ts';

/** Begins the next round of a wave's step, or finds the one that a workflow before this one had begun. */
export function beginStep(deps: Deps) {
  return async (ref: WaveRef, step: string): Promise<BegunStep> => {
    const { round, elapsedMs } = await deps.ledger.steps.begin(ref, step, calledAs());
    return { round, elapsedMs };
  };
}

/** The round of a step that was begun and never ended; null where there is none. */
export function unendedStep(deps: Deps) {
  return async (ref: WaveRef, step: string): Promise<BegunStep | null> => {
    const latest = await deps.ledger.steps.latest(ref, step);
    return latest?.endedAt === null ? { round: latest.round, elapsedMs: latest.elapsedMs } : null;
  };
}

export function endStep(deps: Deps) {
  return async (ref: WaveRef, step: string, round: number): Promise<void> => {
    await deps.ledger.steps.end(ref, step, round);
  };
}

/** Writes down how a child workflow ended, and tells the execution that goes on for its parent, where that is not the one which started the child. */
export function noteEnd(deps: Deps) {
  return async (ref: RunRef, workflow: string, ended: unknown, parent?: Execution): Promise<void> => {
    await deps.ledger.steps.endChild(ref.run, { workflowId: workflow, runId: callerRunId() }, ended);
    if (parent !== undefined) await tellSuccessor(parent, workflow);
  };
}

/** A parent that is not there, or has ended, hears nothing: whoever starts it again asks the ledger. */
async function tellSuccessor({ workflowId, runId }: Execution, child: string): Promise<void> {
  const parent = getClient().workflow.getHandle(workflowId);
  try {
    if ((await parent.describe()).runId !== runId) await parent.signal(childEnded, child);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/**
 * How a child workflow ended; null while it has not. Only its last execution counts: one before it that was terminated, and whose last call woke since,
 * ended without this one. One that was set back behind the writing of its end, and is over, ended as was written before.
 */
export function endOf(deps: Deps) {
  return async (workflow: string): Promise<{ readonly ended: unknown } | null> => {
    const { steps } = deps.ledger;
    const newest = await steps.childEnd(workflow);
    if (newest === null) return null;
    const last = await lastExecution(workflow);
    if (last === null) return newest;
    return (await steps.childEnd(workflow, last.runId)) ?? (last.hasCompleted ? newest : null);
  };
}

/** The last execution of a workflow; null where Temporal keeps none any more. */
async function lastExecution(workflow: string): Promise<{ readonly runId: string; readonly hasCompleted: boolean } | null> {
  try {
    const { runId, status } = await getClient().workflow.getHandle(workflow).describe();
    return { runId, hasCompleted: status.name === 'COMPLETED' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
