import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { findProgram } from '../../scripts/dev/temporal/program.ts';
import type { Driver } from '../support/arena/driver.ts';
import { expectClosed } from '../support/arena/expectations.ts';
import { useArena } from '../support/arena/scenario.ts';
import { blocksOf } from '../support/docs.ts';

const arena = useArena();
let newerCode = '';

beforeAll(async () => {
  ({ code: newerCode } = await bundleWorkflowCode({ workflowsPath: fileURLToPath(new URL('./newer.ts', import.meta.url)) }));
});

/** The commands of the upgrade guide for Temporal's own program, as they stand there. */
const commands = blocksOf('docs/upgrade.md').flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('temporal ')));

/** Runs the one command of the guide that begins so, on the run's namespace, with the version and the run filled in. */
async function followGuide(driver: Driver, begins: string, version: string): Promise<string> {
  const found = commands.filter((command) => command.startsWith(`temporal ${begins}`));
  expect(found).toHaveLength(1);
  const filled = (found[0] ?? '').replaceAll('<version>', version).replaceAll('cutover/northwind/1', driver.run);
  const words = Array.from(filled.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '').slice(1);
  const { status, stdout, stderr } = spawnSync(await findProgram(), words, {
    env: { ...process.env, ...driver.business.environment },
    encoding: 'utf8',
  });
  expect({ words, status, stderr }).toMatchObject({ status: 0 });
  return stdout;
}

/** A worker of the older version polls before the version can be made current. */
async function openOn(name: string): Promise<Driver> {
  const driver = await arena.open(name, { waves: 2, worker: { CUTOVER_WORKER_VERSION: 'older' } });
  await makeCurrent(driver, 'older');
  return driver;
}

async function makeCurrent(driver: Driver, version: string): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    try {
      return (await followGuide(driver, 'worker deployment set-current-version', version)) !== '';
    } catch {
      return false;
    }
  };
  for (const end = Date.now() + 120_000; !(await isThere()); await new Promise((resolve) => setTimeout(resolve, 500)))
    if (Date.now() > end) throw new Error(`version ${version} could not be made current`);
}

/** Another worker process on the same queue, whose workflows have one step more. */
async function startNewer(driver: Driver, version = 'newer'): Promise<void> {
  const file = join(arena.stack().folder, `${version}-bundle.js`);
  await writeFile(file, newerCode);
  await driver.startWorker({ CUTOVER_WORKER_VERSION: version, CUTOVER_BUNDLE: file });
}

const buildOf = async ({ handle }: Driver): Promise<string | undefined> =>
  (await handle.describe()).raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;

/** Terminating by a query goes on behind the command. */
async function untilEnded({ handle }: Driver): Promise<void> {
  for (
    const end = Date.now() + 120_000;
    (await handle.describe()).status.name === 'RUNNING';
    await new Promise((resolve) => setTimeout(resolve, 200))
  )
    if (Date.now() > end) throw new Error('the run was never terminated');
}

/** Every execution of the run and its children: whether it took the new step, and the tasks of it that failed, those aside that a signal overtook. */
async function executions({
  client,
  run,
}: Driver): Promise<readonly { readonly id: string; readonly isNewer: boolean; readonly failures: readonly string[] }[]> {
  const all = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: `WorkflowId = '${run}' OR WorkflowId STARTS_WITH '${run}/'` })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const failures = (events ?? [])
      .flatMap(({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? [])
      .filter((message) => message !== 'UnhandledCommand');
    const isNewer = (events ?? []).some(
      ({ userMetadata, timerStartedEventAttributes: timer }) =>
        timer != null && String(userMetadata?.summary?.data ?? '').includes('newer version'),
    );
    all.push({ id: workflowId.slice(run.length), isNewer, failures });
  }
  return all;
}

test('while an old and a new worker share the queue each run stays with its own, and moves between two steps when the new version is made current', async () => {
  const driver = await openOn('versions');
  const old = driver.worker;
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  expect(await buildOf(driver)).toBe('older');
  const { events } = await driver.handle.fetchHistory();
  await expect(Worker.runReplayHistory({ workflowBundle: { code: newerCode } }, { events: events ?? [] }, driver.run)).rejects.toThrow(
    /[Nn]ondeterminism/,
  );

  await startNewer(driver);
  // Both serve the queue: the newer one gets nothing of the run before somebody makes it current.
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  expect(await buildOf(driver)).toBe('older');
  expect((await executions(driver)).filter(({ isNewer }) => isNewer)).toEqual([]);

  await makeCurrent(driver, 'newer');
  await driver.pass('switch-east');
  await driver.atGate('close');
  expect(await buildOf(driver)).toBe('newer');
  expect(await followGuide(driver, 'worker deployment describe-version', 'older')).toMatch(/DrainageStatus +drain/);
  await old.stop();
  await driver.pass('close');
  expect(String(await driver.handle.result())).toMatch(/^closed/);
  const all = await executions(driver);
  expect(all.flatMap(({ failures }) => failures)).toEqual([]);
  expect(all.filter(({ isNewer }) => isNewer).map(({ id }) => id)).toEqual(expect.arrayContaining(['', '/wave/east/1']));
  await expectClosed(driver.business);
});

test('a run whose worker version is gone says so in its status, and goes on from the ledger on the current one by the commands of the guide', async () => {
  const driver = await openOn('versiongone');
  await driver.start();
  await driver.atGate('baseline');
  await driver.worker.stop();
  await startNewer(driver, 'only');
  await makeCurrent(driver, 'only');
  const said = await driver.cli('status', driver.run);
  expect(said.stdout).toContain('It stays with worker version older; current is only.');
  expect((await driver.cli('recover', driver.run)).stdout).toContain('It stays with worker version older; current is only.');
  await followGuide(driver, 'workflow terminate', 'only');
  await untilEnded(driver);
  const taken = await driver.cli('recover', driver.run);
  expect(taken).toMatchObject({ code: 0 });
  await driver.finish();
  expect(await buildOf(driver)).toBe('only');
  expect((await executions(driver)).flatMap(({ failures }) => failures)).toEqual([]);
  await expectClosed(driver.business);
});
