import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { taskQueue } from '../contracts/messages.ts';

/** Kinds of tasks a worker polls for, as Temporal numbers them (temporal.api.enums.v1.TaskQueueType). */
const taskQueueTypes = { workflow: 1, activity: 2 } as const;

/** A poll waits for a minute at most (Temporal's long poll), so a worker that was not seen for two has stopped polling (ms). */
const seenWithinMs = 120_000;

/** How long Temporal may take to answer (ms). */
const answerMs = 5_000;

/** Kinds of tasks that no worker of this machine polls for any more. */
async function idleTypes(): Promise<readonly string[]> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: answerMs });
  try {
    const idle: string[] = [];
    for (const [name, taskQueueType] of Object.entries(taskQueueTypes)) {
      const { pollers } = await connection.withDeadline(Date.now() + answerMs, () =>
        connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType }),
      );
      const own = pollers.filter(({ identity }) => identity?.endsWith(`@${hostname()}`) === true);
      const isSeen = own.some(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < seenWithinMs);
      if (!isSeen) idle.push(name);
    }
    return idle;
  } finally {
    await connection.close();
  }
}

/** The health check of a worker's container: Temporal answers, and a worker of this machine polls for every kind of task. Exit code 1 where not. */
async function main(): Promise<void> {
  const idle = await idleTypes();
  if (idle.length === 0) return;
  throw new Error(`no worker on ${hostname()} has polled task queue ${taskQueue} for ${idle.join(' and ')} tasks within two minutes`);
}

main().catch((error: unknown) => {
  process.stderr.write(`health: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
