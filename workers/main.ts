import './require-node.ts';
import { setFlagsFromString } from 'node:v8';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker, type NativeConnectionOptions, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from '../activities/activities.ts';
import { taskQueue } from '../contracts/messages.ts';
import { migrate } from '../ledger/database.ts';
import { openLedger } from '../ledger/ledger.ts';
import { workflowBundle } from './bundle.ts';
import { createLogger, installRuntime } from './logger.ts';
import { readPoint } from './points.ts';
import { connectSystems } from './systems.ts';

/** Open polls of each kind. Few, because a worker that sleeps swallows one task for each until the server notices. */
const polls = 2;

/** How long a task of a workflow waits for the worker that has it in memory; then any other takes it, from its history. */
const stickyFor = '1s';

/** Time for activities to end when the worker is asked to stop; what takes longer is resumed elsewhere from the ledger (ms). */
const graceMs = 5_000;

/** Where the runner's books are; without them no worker has anything to do. */
function ledgerUrl(): string {
  const url = process.env['CUTOVER_LEDGER_URL'];
  if (url !== undefined && url !== '') return url;
  throw new Error(
    'CUTOVER_LEDGER_URL is not set, so this worker has no ledger; set it to the address of the ledger database, as postgresql://user@host:5432/database, and start the worker again',
  );
}

/** The deployment whose versions workers may be: workflows stay with the version they began on, until they continue as new. */
function deploymentOf(buildId: string | undefined): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (buildId === undefined || buildId === '') return {};
  const version = { deploymentName: 'cutover', buildId };
  return { workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' } };
}

/** How many activities this worker carries out at a time, a lane of a load being one; as many as the SDK lets it where nothing is said. */
function activitiesAtATime(given: string | undefined): Pick<WorkerOptions, 'maxConcurrentActivityTaskExecutions'> {
  if (given === undefined || given === '') return {};
  const count = Number(given);
  if (Number.isInteger(count) && count > 0) return { maxConcurrentActivityTaskExecutions: count };
  throw new Error(
    `CUTOVER_WORKER_ACTIVITIES is "${given}", and it is to be a whole number of at least 1; correct it or leave it away, and start the worker again`,
  );
}

/** Between two tries to reach Temporal (ms); twice as long each time, up to the second. */
const [firstRetryMs, longestRetryMs] = [1_000, 15_000];

/** Connects to Temporal; while it is away the worker says so and tries again, so that the order in which the two are started does not matter. */
async function connectPatiently(options: NativeConnectionOptions, logger: Logger): Promise<NativeConnection> {
  for (let waitMs = firstRetryMs; ; waitMs = Math.min(2 * waitMs, longestRetryMs)) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'TransportError') throw error;
      const address = options.address ?? 'localhost:7233';
      logger.warn(
        `Temporal at ${address} cannot be reached; start it, or set TEMPORAL_ADDRESS or TEMPORAL_PROFILE to where it runs. Trying again in ${String(waitMs / 1000)} s. It said: ${error.message}`,
      );
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** How far the heap may grow between two collections, in percent of what lives in it; V8 by itself lets a busy worker keep four times that. */
const heapGrowth = '--heap-growing-percent=100';

/** The space for new objects stays as large as it is when the worker begins: what it grows by is never given back, and saves no time. */
const newSpaceGrowth = '--semi-space-growth-factor=1';

/** The composition root: settings, adapters and ledger into activities, activities into a worker. Ends on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  for (const flag of [heapGrowth, newSpaceGrowth]) setFlagsFromString(flag);
  const logger = createLogger(process.env['CUTOVER_LOG_LEVEL'] ?? 'info');
  installRuntime(logger);
  const url = ledgerUrl();
  const atATime = activitiesAtATime(process.env['CUTOVER_WORKER_ACTIVITIES']);
  const admin = process.env['CUTOVER_LEDGER_ADMIN_URL'];
  if (admin !== undefined) await migrate(admin);
  const ledger = openLedger(url);
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await connectPatiently(connectionOptions, logger);
  const connected = connectSystems(ledger, (name) => process.env[name]);
  const deps = { ledger, systems: connected.systems, point: readPoint(process.env['CUTOVER_TEST_POINT']) };
  const worker = await Worker.create({
    connection,
    ...(namespace === undefined ? {} : { namespace }),
    taskQueue,
    workflowBundle: await workflowBundle(process.env['CUTOVER_BUNDLE']),
    activities: createActivities(deps),
    ...deploymentOf(process.env['CUTOVER_WORKER_VERSION']),
    ...atATime,
    maxConcurrentWorkflowTaskPolls: polls,
    maxConcurrentActivityTaskPolls: polls,
    stickyQueueScheduleToStartTimeout: stickyFor,
    shutdownGraceTime: graceMs,
    shutdownForceTime: 2 * graceMs,
    maxHeartbeatThrottleInterval: 1_000,
    defaultHeartbeatThrottleInterval: 1_000,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    });
  process.stdout.write(`${JSON.stringify({ ready: true, taskQueue })}\n`);
  await worker.run();
  await connection.close();
  await connected.dispose();
  await ledger.close();
}

main().catch((error: unknown) => {
  process.stderr.write(`worker: ${error instanceof Error ? error.message : String(error)}\n`);
  // The SDK's runtime and open pools would keep a process alive that has nothing left to do.
  process.exit(1);
});
