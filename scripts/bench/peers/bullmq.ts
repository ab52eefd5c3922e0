import { keep, post } from '../by-hand/full-batch.ts';
import { batches, whenTold } from '../by-hand/tools.ts';
import { Countdown } from './countdown.ts';
import { peer } from './packages.ts';

interface Redis {
  readonly connection: { readonly host: string; readonly port: number; readonly maxRetriesPerRequest: null };
}

/** What is used of `bullmq`. */
interface BullMq {
  readonly Queue: new (
    name: string,
    options: Redis,
  ) => {
    addBulk(jobs: readonly { readonly name: string; readonly data: { readonly first: number } }[]): Promise<unknown>;
    close(): Promise<void>;
  };
  readonly Worker: new (
    name: string,
    work: (job: { readonly data: { readonly first: number } }) => Promise<void>,
    options: Redis & { readonly concurrency: number },
  ) => { waitUntilReady(): Promise<unknown>; on(event: 'completed', heard: () => void): void; close(): Promise<void> };
}

/** A job for each batch; its queue is in Redis. */
await whenTold(async (tools) => {
  const { Queue, Worker } = await peer<BullMq>('bullmq');
  const connection = { host: '127.0.0.1', port: Number(process.env['BENCH_REDIS_PORT']), maxRetriesPerRequest: null };
  const queue = new Queue('bench', { connection });
  const work = async ({ data }: { readonly data: { readonly first: number } }): Promise<void> => {
    await keep(tools, await post(tools, data.first));
  };
  const worker = new Worker('bench', work, { connection, concurrency: tools.concurrency });
  await worker.waitUntilReady();
  const firsts = batches(tools);
  const left = new Countdown(firsts.length);
  worker.on('completed', () => {
    left.done();
  });
  return {
    load: async () => {
      await queue.addBulk(firsts.map((first) => ({ name: 'loadBatch', data: { first } })));
      await left.over;
    },
    stop: async () => {
      await worker.close();
      await queue.close();
    },
  };
});
