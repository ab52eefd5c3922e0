import { CancelledFailure, getExternalWorkflowHandle, type SignalDefinition } from '@temporalio/workflow';

/** Signals another workflow by id; one that is not there, or has ended, hears nothing, and the sender goes on. Returns whether it was heard. */
export async function signalIfThere<Args extends unknown[]>(
  workflowId: string,
  signal: SignalDefinition<Args>,
  ...args: Args
): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(signal, ...args);
    return true;
  } catch (error) {
    if (error instanceof CancelledFailure) throw error;
    return false;
  }
}
