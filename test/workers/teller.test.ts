import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { sharedStack } from '../support/arena/shared-stack.ts';

/** Sent at once instead of one after another, some of the pairs heard them in another order, in each of four runs. */
const [pairs, last] = [10, 15];

test('what a workflow tells another one arrives in the order in which it was told, also when all of it is asked for at once', async () => {
  const { address } = (await sharedStack()).temporal;
  const taskQueue = 'tellers';
  const connection = await NativeConnection.connect({ address });
  const workflowsPath = fileURLToPath(new URL('./teller.ts', import.meta.url));
  const worker = await Worker.create({ connection, taskQueue, workflowsPath });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const listen = async (index: number): Promise<unknown> => {
    const [listenerId, tellerId] = [`listener-${String(index)}`, `teller-${String(index)}`];
    const listener = await client.workflow.start('listener', { taskQueue, workflowId: listenerId, args: [last] });
    await client.workflow.execute('teller', { taskQueue, workflowId: tellerId, args: [listenerId, last] });
    return listener.result();
  };
  const heard = await worker.runUntil(Promise.all(Array.from({ length: pairs }, (_, index) => listen(index))));
  await client.connection.close();
  await connection.close();
  const inOrder = Array.from({ length: last + 1 }, (_, number) => number);
  expect(heard).toEqual(Array.from({ length: pairs }, () => inOrder));
});
