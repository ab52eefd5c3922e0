import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { sharedStack } from '../support/arena/shared-stack.ts';

/** Enough for the moment to be met, in which the server has been asked and has not yet answered: without care 3 of them stood still for ever. */
const times = 60;

test('a run that is told to turn round while it looks for a child that is under way finds it, and turns round', async () => {
  const { address } = (await sharedStack()).temporal;
  const [taskQueue, underWay] = ['finders', 'under-way'];
  const connection = await NativeConnection.connect({ address });
  const workflowsPath = fileURLToPath(new URL('./finder.ts', import.meta.url));
  const worker = await Worker.create({ connection, taskQueue, workflowsPath });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const child = await client.workflow.start('underWay', { taskQueue, workflowId: underWay });
  const find = async (index: number): Promise<boolean | string> => {
    const workflowId = `finder-${String(index)}`;
    const finder = await client.workflow.start('finder', { taskQueue, workflowId, args: [underWay], workflowExecutionTimeout: '200s' });
    await finder.signal('turn').catch(() => undefined);
    return finder.result().then(
      (isFound) => isFound as boolean,
      (error: unknown) => String((error as Error).cause),
    );
  };
  const found = await worker.runUntil(Promise.all(Array.from({ length: times }, (_, index) => find(index))));
  await child.terminate();
  await client.connection.close();
  await connection.close();
  expect(found).toEqual(Array.from({ length: times }, () => true));
});
