import { expect, test } from 'vitest';
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { takeUp } from '../../contracts/messages.ts';
import { liftOrphaned, lookAtRun } from '../../activities/run/look-at-run.ts';
import { unused } from '../activities/alone.ts';
import { useLedger } from '../ledger/fresh-ledger.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';

const ref = { run: 'cutover/orphaned/1', planHash: 'plan', envHash: 'env' };
const ledger = useLedger();

/** Whether this execution was told to read the ledger again. */
async function toldToReadAgain(handle: WorkflowHandle): Promise<boolean> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).some(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === takeUp);
}

test('a try of an ended execution that wakes lets nothing go on that nobody can steer; the execution after it does', async () => {
  const { address } = (await sharedStack()).temporal;
  const client = new Client({ connection: await Connection.connect({ address }) });
  const asActivity = <T>(work: () => Promise<T>): Promise<T> => asyncLocalStorage.run({ client } as unknown as Context, work);
  const wake = (): Promise<void> => asActivity(() => liftOrphaned(ledger(), ref.run));
  const holds = async (): Promise<number> => (await ledger().holds.standing(ref.run)).holds.length;
  // No worker serves this queue: the execution only has to be there.
  const start = () => client.workflow.start('cutover', { taskQueue: 'orphaned', workflowId: ref.run });
  try {
    await ledger().runs.open(ref.run, 'plan', 'env');
    await (await start()).terminate('the test ends it');
    const look = () => asActivity(() => lookAtRun({ ledger: ledger(), systems: unused, point: () => undefined })(ref));
    expect(await look()).toBe('gone');
    await wake();
    expect(await holds()).toBe(1);
    const next = await start();
    await wake();
    expect(await holds()).toBe(0);
    expect(await toldToReadAgain(next)).toBe(false);
    await next.terminate('the test ends it');
    expect(await look()).toBe('gone');
    expect(await holds()).toBe(1);
    // One that is back and has not lifted the hold itself was set back, and never hears what was told meanwhile.
    const setBack = await start();
    expect(await look()).toBe('open');
    expect(await holds()).toBe(0);
    expect(await toldToReadAgain(setBack)).toBe(true);
    await setBack.terminate('the test ends it');
  } finally {
    await client.connection.close();
  }
});
