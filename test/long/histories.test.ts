import { expect, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Driver } from '../support/arena/driver.ts';
import { expectReturned, references } from '../support/arena/expectations.ts';
import { crmTable, erpTable, inLegacy, isErpPointer } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';
import { bundleFile } from '../../scripts/dev/bundle-file.ts';
import { workflowBundle as bundle } from '../../workers/bundle.ts';

/** A server that has enough of a history after so many events; usually that is 4,096. */
const enough = 100;
/** What may come on top of it until a workflow stands between two steps. */
const oneStep = 200;

const arena = useArena({ ownStack: { keepsData: false, temporal: { 'limit.historyCount.suggestContinueAsNew': String(enough) } } });

/** Executions of each workflow of this run, by id, and the longest history of any. */
async function executions({ client, run }: Driver): Promise<{ readonly times: ReadonlyMap<string, number>; readonly longest: number }> {
  const times = new Map<string, number>();
  let longest = 0;
  for await (const { workflowId, historyLength } of client.workflow.list()) {
    const name = workflowId.slice(run.length);
    times.set(name, (times.get(name) ?? 0) + 1);
    longest = Math.max(longest, historyLength);
  }
  return { times, longest };
}

/** Signals that any execution of the run has got. */
async function heard({ client, run }: Driver): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${run}'` })) {
    const { events } = await client.workflow.getHandle(run, runId).fetchHistory();
    for (const { workflowExecutionSignaledEventAttributes: signal } of events ?? []) names.add(signal?.signalName ?? '');
  }
  return names;
}

test('no history of a run, its waves or its watcher grows without end: each goes on in a new execution, through a switch and back again', async () => {
  const driver = await arena.open('long', { waves: 2, timings: { parallelRun: '15s', reconcileEvery: '200ms', guardEvery: '500ms' } });
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  const active = (await erpTable(business, 'sale.sale')).filter(({ state }) => state === 'processing');
  expect(references(active)).toEqual([...pilotOrders].sort());
  // A wave tells its end to the execution that goes on by then, which is not the one that started it.
  expect([...(await heard(driver))]).toContain('ended');

  expect(await driver.takeBackRun()).toMatch(/^rolled back with exceptions; legacy is the book again/);
  await expectReturned(business, pilotOrders);
  expect((await crmTable(business, 'Account')).filter(({ BookOfRecord__c: pointer }) => isErpPointer(pointer))).toEqual([]);
  await inLegacy(business, 'app', `update customers set phone = phone`);

  const { times, longest } = await executions(driver);
  expect(longest).toBeLessThan(enough + oneStep);
  expect(['', '/watch', '/wave/pilot/1/parallel-run'].filter((name) => (times.get(name) ?? 0) < 2)).toEqual([]);
});

test('a load does each of its lanes once, over as many executions as it takes; what was left waiting is called again', async () => {
  const { address } = arena.stack().temporal;
  const taskQueue = 'lanes';
  const lanes = Array.from({ length: 60 }, (_, index) => index + 1);
  const done: number[] = [];
  const waits = new Set([2, 31]);
  let planned = 0;
  const activities = {
    planLoad: () => {
      planned += 1;
      return lanes;
    },
    loadLane: (_: unknown, lane: number) => {
      if (waits.delete(lane)) return { end: 'wait', why: 'the horizon of a call', waitMs: 50, written: 0 };
      done.push(lane);
      return { end: 'done' };
    },
    noteEnd: () => undefined,
  };
  const workflowBundle = await bundle(await bundleFile());
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, activities });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const workflowId = 'load-of-60-lanes';
  const ref = { run: 'cutover/none/1', planHash: '', envHash: '', wave: 'pilot', attempt: 1 };
  const end: unknown = await worker.runUntil(client.workflow.execute('load', { taskQueue, workflowId, args: [ref, ['customer']] }));
  expect([end, planned, [...done].sort((a, b) => a - b)]).toEqual(['done', 1, lanes]);
  let times = 0;
  for await (const { historyLength } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    times += 1;
    expect(historyLength).toBeLessThan(enough + oneStep);
  }
  expect(times).toBeGreaterThan(1);
  await client.connection.close();
  await connection.close();
});
