import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { withPulse } from '../../activities/pulse.ts';
import { readRows } from '../../activities/run/read-rows.ts';
import { readPending } from '../../scripts/pending.ts';
import { readingLines, type ReadingUnderWay } from '../../scripts/reading.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';

const [rows, pageSize] = [1_800, 500];

/** A source of so many rows, which waits before it yields what comes behind the second page. */
function slowSource(released: Promise<void>): unknown {
  return {
    count: () => Promise.resolve(rows),
    read: async (_: string, { after, limit }: { readonly after: string | null; readonly limit: number }) => {
      const start = Number(after ?? 0);
      if (start === 2 * pageSize) await released;
      const end = Math.min(rows, start + limit);
      const found = Array.from({ length: end - start }, (__, index) => ({ key: String(start + index + 1), account: null, fields: {} }));
      return { rows: found, next: end < rows ? String(end) : null };
    },
  };
}

test('what reads much says how far it is, at what pace, and how long the rest takes, for as long as it reads', async () => {
  const { address } = (await sharedStack()).temporal;
  const [taskQueue, workflowId] = ['readers', 'cutover/reading/1'];
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  let release = (): void => undefined;
  const source = slowSource(new Promise<void>((resolve) => (release = resolve)));
  let read = 0;
  const readAll = (): Promise<number> =>
    withPulse(async () => {
      for await (const page of readRows({ sys: { source } } as never, 'orders', null)) read += page.length;
      return read;
    });
  const workflowsPath = fileURLToPath(new URL('./reader.ts', import.meta.url));
  const throttle = { maxHeartbeatThrottleInterval: 200, defaultHeartbeatThrottleInterval: 200 } as const;
  const worker = await Worker.create({ connection, taskQueue, workflowsPath, activities: { readAll }, ...throttle });
  const looked = await worker.runUntil(async () => {
    const handle = await client.workflow.start('reader', { taskQueue, workflowId });
    let readings: readonly ReadingUnderWay[] = [];
    for (let look = 0; look < 600 && readings[0]?.total == null; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      ({ readings } = await readPending({ client }, workflowId));
    }
    release();
    return { readings, all: (await handle.result()) as number, after: await readPending({ client }, workflowId) };
  });
  await client.connection.close();
  await connection.close();
  expect(looked).toMatchObject({ readings: [{ done: pageSize, total: rows }], all: rows, after: { readings: [], trouble: [] } });
  expect(readingLines(looked.readings)).toEqual([
    expect.stringMatching(/^Reading orders, in readAll of cutover\/reading\/1: 500 of 1800 records, \d[\d.]* a second, about .* left\.$/),
  ]);
});
