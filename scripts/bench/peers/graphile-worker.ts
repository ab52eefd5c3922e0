import { keep, post } from '../by-hand/full-batch.ts';
import { batches, whenTold } from '../by-hand/tools.ts';
import { Countdown } from './countdown.ts';
import { peer } from './packages.ts';

/** What is used of `graphile-worker`. */
interface Graphile {
  readonly Logger: new (factory: () => () => void) => unknown;
  readonly run: (options: {
    readonly connectionString: string;
    readonly concurrency: number;
    readonly maxPoolSize: number;
    readonly noHandleSignals: boolean;
    readonly logger: unknown;
    readonly taskList: Readonly<Record<string, (payload: { readonly first: number }) => Promise<void>>>;
  }) => Promise<{ stop(): Promise<void> }>;
  readonly makeWorkerUtils: (options: { readonly connectionString: string; readonly logger: unknown }) => Promise<{
    addJobs(jobs: readonly { readonly identifier: string; readonly payload: { readonly first: number } }[]): Promise<unknown>;
    release(): Promise<void>;
  }>;
}

/** A job for each batch; its queue is in the same database. */
await whenTold(async (tools) => {
  const { run, makeWorkerUtils, Logger } = await peer<Graphile>('graphile-worker');
  const firsts = batches(tools);
  const left = new Countdown(firsts.length);
  const [connectionString, logger] = [tools.databaseUrl, new Logger(() => () => undefined)];
  const runner = await run({
    ...{ connectionString, logger, concurrency: tools.concurrency, maxPoolSize: tools.concurrency + 2, noHandleSignals: true },
    taskList: {
      loadBatch: async ({ first }) => {
        await keep(tools, await post(tools, first));
        left.done();
      },
    },
  });
  const queue = await makeWorkerUtils({ connectionString, logger });
  return {
    load: async () => {
      await queue.addJobs(firsts.map((first) => ({ identifier: 'loadBatch', payload: { first } })));
      await left.over;
    },
    stop: async () => {
      await queue.release();
      await runner.stop();
    },
  };
});
