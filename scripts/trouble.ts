import type { Client } from '@temporalio/client';
import { callMs, type Temporal } from './connect.ts';
import { closed } from './sentences.ts';

/** An activity that fails again and again, as Temporal keeps it: known there even where the ledger is what fails. */
export interface Trouble {
  readonly workflow: string;
  readonly activity: string;
  readonly attempt: number;
  /** Instant it was first scheduled, ISO 8601 in UTC. */
  readonly since: string;
  readonly message: string;
}

/** Workflows of one run that are looked at, at most. */
const mostWorkflows = 50;

/** What fails again and again in the workflows of a run; empty where nothing does. */
export async function readTrouble({ client }: Temporal, run: string): Promise<readonly Trouble[]> {
  const ids = [run];
  const query = `WorkflowId STARTS_WITH '${run}/' AND ExecutionStatus = 'Running'`;
  await client.withDeadline(Date.now() + callMs, async () => {
    for await (const { workflowId } of client.workflow.list({ query })) {
      ids.push(workflowId);
      if (ids.length >= mostWorkflows) return;
    }
  });
  return (await Promise.all(ids.map((workflow) => troubleOf(client, workflow)))).flat();
}

async function troubleOf(client: Client, workflow: string): Promise<readonly Trouble[]> {
  const { raw } = await client.withDeadline(Date.now() + callMs, () => client.workflow.getHandle(workflow).describe());
  return (raw.pendingActivities ?? []).flatMap(({ activityType, attempt, scheduledTime, lastFailure }) => {
    const message = lastFailure?.message ?? null;
    if (message === null || message === '') return [];
    const since = new Date(Number(scheduledTime?.seconds ?? 0) * 1_000).toISOString();
    return [{ workflow, activity: activityType?.name ?? 'an activity', attempt: attempt ?? 1, since, message }];
  });
}

/** One line for each, in words. */
export function troubleLines(troubles: readonly Trouble[]): readonly string[] {
  return troubles.map(
    ({ workflow, activity, attempt, message }) =>
      `Failing: ${activity} of ${workflow}, now tried for the ${String(attempt)}. time: ${closed(message)} It is tried again by itself; mend the cause.`,
  );
}
