import { WorkflowFailedError, WorkflowNotFoundError, type WorkflowExecutionStatusName, type WorkflowHandle } from '@temporalio/client';
import type { RunStatus } from '../contracts/messages.ts';
import { callMs, type Temporal } from './connect.ts';
import { workerVersionOf, type WorkerVersion } from './worker-version.ts';

/** A run's workflow as Temporal shows it: `absent` where it knows none of that id. */
export interface WorkflowLook {
  readonly state: WorkflowExecutionStatusName | 'absent';
  /** Why it failed, in its own words. */
  readonly failure: string | null;
  /** What it answered to the query `status`; null where it has ended, or where no worker answered in time. */
  readonly answer: RunStatus | null;
  /** The worker version it stays with, where it is open and did not answer; null where it has none. */
  readonly version: WorkerVersion | null;
}

/** Looks at a run's workflow; a query that nobody answers is not waited for longer than one call. */
export async function lookAt(temporal: Temporal, run: string): Promise<WorkflowLook> {
  const { client } = temporal;
  const handle = client.workflow.getHandle(run);
  try {
    const described = await client.withDeadline(Date.now() + callMs, () => handle.describe());
    const { status } = described;
    const isOpen = status.name === 'RUNNING' || status.name === 'PAUSED';
    const answer = isOpen ? await statusOf(client, handle) : null;
    return {
      state: status.name,
      failure: status.name === 'FAILED' ? await failureOf(client, handle) : null,
      answer,
      version: isOpen && answer === null ? await workerVersionOf(temporal, described) : null,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { state: 'absent', failure: null, answer: null, version: null };
    throw error;
  }
}

async function statusOf(client: Temporal['client'], handle: WorkflowHandle): Promise<RunStatus | null> {
  try {
    return await client.withDeadline(Date.now() + callMs, () => handle.query<RunStatus>('status'));
  } catch {
    // No worker polls, or it has not read the workflow yet: the ledger's view must do.
    return null;
  }
}

async function failureOf(client: Temporal['client'], handle: WorkflowHandle): Promise<string | null> {
  try {
    await client.withDeadline(Date.now() + callMs, () => handle.result());
    return null;
  } catch (error) {
    return error instanceof WorkflowFailedError && error.cause instanceof Error ? error.cause.message : null;
  }
}
