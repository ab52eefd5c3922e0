import { defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { callMs, type Temporal } from './connect.ts';
import { readingOf, type ReadingUnderWay } from './reading.ts';
import type { Trouble } from './trouble.ts';

/** What Temporal tells of the activities of a run that are under way. */
export interface Pending {
  readonly trouble: readonly Trouble[];
  readonly readings: readonly ReadingUnderWay[];
}

type Described = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>['raw'];
type PendingActivity = NonNullable<Described['pendingActivities']>[number];

/** Workflows of one run that are looked at, at most. */
const mostWorkflows = 50;

/** Which activities of a run's workflows fail again and again, and how far those are that read much. */
export async function readPending({ client }: Pick<Temporal, 'client'>, run: string): Promise<Pending> {
  const ids = [run];
  const query = `WorkflowId STARTS_WITH '${run}/' AND ExecutionStatus = 'Running'`;
  await client.withDeadline(Date.now() + callMs, async () => {
    for await (const { workflowId } of client.workflow.list({ query })) {
      ids.push(workflowId);
      if (ids.length >= mostWorkflows) return;
    }
  });
  const found = await Promise.all(
    ids.map(async (workflow) => {
      const { raw } = await client.withDeadline(Date.now() + callMs, () => client.workflow.getHandle(workflow).describe());
      return (raw.pendingActivities ?? []).map((activity) => ({ workflow, activity }));
    }),
  );
  const activities = found.flat();
  return {
    trouble: activities.flatMap(({ workflow, activity }) => troubleOf(workflow, activity)),
    readings: activities.flatMap(({ workflow, activity }) => readingIn(workflow, activity)),
  };
}

function troubleOf(workflow: string, { activityType, attempt, scheduledTime, lastFailure }: PendingActivity): readonly Trouble[] {
  const message = lastFailure?.message ?? '';
  if (message === '') return [];
  const since = new Date(Number(scheduledTime?.seconds ?? 0) * 1_000).toISOString();
  return [{ workflow, activity: activityType?.name ?? 'an activity', attempt: attempt ?? 1, since, message }];
}

function readingIn(workflow: string, { activityType, heartbeatDetails }: PendingActivity): readonly ReadingUnderWay[] {
  const [told] = heartbeatDetails?.payloads ?? [];
  if (told == null) return [];
  const reading = readingOf(defaultPayloadConverter.fromPayload<unknown>(told));
  return reading === null ? [] : [{ workflow, activity: activityType?.name ?? 'an activity', ...reading }];
}
