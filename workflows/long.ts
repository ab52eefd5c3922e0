import { allHandlersFinished, makeContinueAsNewFunc, workflowInfo, type Workflow } from '@temporalio/workflow';
import { condition } from './timers.ts';

/** Events after which a workflow continues as new, far below the 4,000 of the house rules: one step more always fits. */
const mostEvents = 2_500;

/**
 * Whether this execution is to continue as new: its history is long, by our own limit or by what the server suggests, or another worker version is
 * current than the one it stays with.
 */
export function isOver(): boolean {
  const { historyLength, continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = workflowInfo();
  return historyLength > mostEvents || continueAsNewSuggested || targetWorkerDeploymentVersionChanged;
}

/** Thrown where a workflow stands between two steps and its execution is over: it is to continue as new, and goes on from the ledger. */
export class GoesOnAnew extends Error {}

/** Called between two steps. Throws GoesOnAnew where the workflow is to continue as new. */
export function restIfOver(): void {
  if (isOver()) throw new GoesOnAnew('continues as new');
}

/** Returns when no handler of a signal is at work any more: what it does would end with this execution. */
export async function handlersAtRest(): Promise<void> {
  await condition(allHandlersFinished);
}

/** Continues as new: the next execution goes on from the ledger, and so may run on the worker version that is current by then. */
export function goOnAnew<W extends Workflow>(...args: Parameters<W>): Promise<never> {
  return makeContinueAsNewFunc<W>({ initialVersioningBehavior: 'AUTO_UPGRADE' })(...args);
}
