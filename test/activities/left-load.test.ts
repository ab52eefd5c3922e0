import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/activities.ts';
import { ids, sharedWave } from '../../contracts/messages.ts';
import { bundleFile } from '../../scripts/dev/bundle-file.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';
import { erpCreates, erpTable, inLegacy } from '../support/arena/people.ts';
import { startBench, type Bench } from './bench.ts';

let bench: Bench;
let worker: Worker;
let client: Client;
let connection: NativeConnection;
let beats: NodeJS.Timeout;
/** Products are done when the load comes to the terms, and goes no further for as long as this is set. */
let stopsAtTerms = false;
let reached: () => void;
const taskQueue = `left-load-${randomUUID()}`;

/** A worker as the product's own, but that it can be kept from going on behind the products. */
async function startWorker(): Promise<Worker> {
  const activities = createActivities(bench.deps);
  return Worker.create({
    ...{ connection, taskQueue, workflowBundle: await workflowBundle(await bundleFile()) },
    activities: {
      ...activities,
      planLoad: (...[ref, object]: Parameters<typeof activities.planLoad>) => {
        if (!stopsAtTerms || object !== 'terms') return activities.planLoad(ref, object);
        reached();
        return Promise.reject(new Error('the worker went away'));
      },
    },
  });
}

beforeEach(async () => {
  const productsFirst = (a: { readonly name: string }, b: { readonly name: string }) =>
    Number(b.name === 'product') - Number(a.name === 'product');
  bench = await startBench({ plan: (plan) => void (plan['objects'] as { readonly name: string }[]).sort(productsFirst) });
  beats = setInterval(() => void bench.ledger.runs.beatGuard(bench.ref.run), 500);
  const { address } = (await sharedStack()).temporal;
  client = new Client({ connection: await Connection.connect({ address }) });
  connection = await NativeConnection.connect({ address });
  worker = await startWorker();
});
afterEach(async () => {
  clearInterval(beats);
  await client.connection.close();
  await connection.close();
  await bench.stop();
});

const renamed = (name: string): Promise<unknown> =>
  inLegacy(bench.business, 'admin', `update products set product_name = '${name}' where product_id = 1`);
const nameInTarget = async (): Promise<unknown> =>
  (
    (await erpTable(bench.business, 'product.product')).find(({ code }) => code === 'P1')?.['template.'] as
      | { readonly name: unknown }
      | undefined
  )?.name;

test('a load of shared records that is taken up half-way by the wave that had begun it brings what legacy changed since, and nothing twice', async () => {
  const { setup } = await bench.act.openRun(bench.ref);
  const pilot = bench.wave('pilot');
  const workflowId = ids.wave(pilot.run, 'pilot', 1);
  const start = () => client.workflow.start('wave', { taskQueue, workflowId, args: [pilot, setup, 'pilot', 1] });
  // The wave tells its run what it does: here one that hears and says nothing.
  const run = await client.workflow.start('cutover', { taskQueue: `${taskQueue}-run`, workflowId: pilot.run, args: [pilot] });
  const before = await erpCreates(bench.business);
  await renamed('Chai of spring');
  await inLegacy(
    bench.business,
    'admin',
    `insert into products select (jsonb_populate_record(p, '{"product_id": 901, "product_name": "Came Up"}')).* from products p where product_id = 1`,
  );
  stopsAtTerms = true;
  const isLeft = new Promise<void>((resolve) => (reached = resolve));
  const end = await worker.runUntil(async (): Promise<unknown> => {
    const first = await start();
    await isLeft;
    expect(await nameInTarget()).toBe('Chai of spring');
    await first.terminate('its worker and all it knew are gone');
    for await (const { workflowId: child } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
      if (child.startsWith(`${workflowId}/`)) await client.workflow.getHandle(child).terminate('gone with its wave');
    await renamed('Chai of autumn');
    stopsAtTerms = false;
    return (await start()).result() as Promise<unknown>;
  });
  await run.terminate();
  expect(end).toBe('loaded');
  expect(await nameInTarget()).toBe('Chai of autumn');
  const created = async (model: string): Promise<number> => ((await erpCreates(bench.business))[model] ?? 0) - (before[model] ?? 0);
  expect(await created('product.product')).toBe(1);
  expect((await bench.ledger.steps.latest(bench.wave(sharedWave), 'load'))?.endedAt).not.toBeNull();
}, 120_000);
