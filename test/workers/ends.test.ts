import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { asyncLocalStorage, Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/activities.ts';
import { unused } from '../activities/alone.ts';
import { useLedger } from '../ledger/fresh-ledger.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';

const ref = { run: 'cutover/ends/1', planHash: 'plan', envHash: 'env' };
const [taskQueue, parent, child] = ['ends', 'ends-parent', 'ends-child'];
const ledger = useLedger();
beforeAll(() => ledger().runs.open(ref.run, 'plan', 'env'));

/** A door that is shut until somebody opens it. */
function shutDoor(): { readonly isOpen: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const isOpen = new Promise<void>((resolve) => (open = resolve));
  return { isOpen, open };
}

test('a terminated child whose last call wakes beside its successor does not end it for whoever waits', async () => {
  const { address } = (await sharedStack()).temporal;
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const activities = createActivities({ ledger: ledger(), systems: unused, point: () => undefined });
  const [reached, woken, written, asked] = [shutDoor(), shutDoor(), shutDoor(), shutDoor()];
  let sleeper = '';
  const noteEnd: typeof activities.noteEnd = async (...args) => {
    const sleeps = Context.current().info.workflowExecution?.runId === sleeper;
    if (sleeps) {
      reached.open();
      await woken.isOpen;
    }
    await activities.noteEnd(...args);
    if (sleeps) written.open();
  };
  let isWritten = false;
  const endOf: typeof activities.endOf = async (workflow) => {
    const wasWritten = isWritten;
    const end = await activities.endOf(workflow);
    if (wasWritten) asked.open();
    return end;
  };
  const workflowsPath = fileURLToPath(new URL('./ends.ts', import.meta.url));
  const worker = await Worker.create({ connection, taskQueue, workflowsPath, activities: { noteEnd, endOf } });
  const startParent = () => client.workflow.start('waitsForEnd', { taskQueue, workflowId: parent, args: [ref, child] });
  /** The child's execution that is under way, once it is another one than that. */
  const childAfter = async (before: string): Promise<string> => {
    for (const end = Date.now() + 120_000; Date.now() < end;) {
      const runId = await client.workflow
        .getHandle(child)
        .describe()
        .then((found) => found.runId)
        .catch(() => before);
      if (runId !== before) return runId;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('no execution of the child came');
  };
  const [told, successor] = await worker.runUntil(async () => {
    const first = await startParent();
    sleeper = await childAfter('');
    await client.workflow.getHandle(child).signal('go');
    await reached.isOpen;
    for (const handle of [first, client.workflow.getHandle(child)]) await handle.terminate('the test ends it');
    const second = await startParent();
    const after = await childAfter(sleeper);
    await second.terminate('the test ends it');
    const third = await startParent();
    woken.open();
    await written.isOpen;
    isWritten = true;
    await Promise.race([asked.isOpen, third.result()]);
    await client.workflow.getHandle(child).signal('go');
    return [(await third.result()) as string, after] as const;
  });
  await client.connection.close();
  await connection.close();
  expect(told).toBe(successor);
});

test('a child that was set back behind the writing of its end, and is over, ended as was written', async () => {
  const { address } = (await sharedStack()).temporal;
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const activities = createActivities({ ledger: ledger(), systems: unused, point: () => undefined });
  const workflowsPath = fileURLToPath(new URL('./ends.ts', import.meta.url));
  const worker = await Worker.create({ connection, taskQueue, workflowsPath, activities });
  const workflowId = 'ends-set-back';
  const asked = () => asyncLocalStorage.run({ client } as unknown as Context, () => activities.endOf(workflowId));
  const [first, second] = await worker.runUntil(async () => {
    const before = await client.workflow.start('endsWhenTold', { taskQueue, workflowId, args: [ref] });
    await before.signal('go');
    await before.result();
    const { events } = await before.fetchHistory();
    const last = events?.findLast((event) => event.workflowTaskCompletedEventAttributes != null)?.eventId;
    await client.workflowService.resetWorkflowExecution({
      ...{ namespace: 'default', workflowExecution: { workflowId, runId: before.firstExecutionRunId }, reason: 'the test sets it back' },
      ...{ workflowTaskFinishEventId: last ?? null, requestId: 'ends-set-back' },
    });
    await client.workflow.getHandle(workflowId).result();
    return [before.firstExecutionRunId, (await client.workflow.getHandle(workflowId).describe()).runId] as const;
  });
  expect(second).not.toBe(first);
  expect(await asked()).toEqual({ ended: first });
  await client.connection.close();
  await connection.close();
});
