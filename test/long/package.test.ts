import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { oldestNode, refusedNode } from '../../contracts/node-version.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';
import { dropDatabases } from '../support/own-ledger.ts';

const run = promisify(execFile);
const northwind = join(projectRoot, 'examples', 'northwind');
let built = '';

// Inside the project, because what is built finds its packages above itself.
beforeAll(async () => {
  await mkdir(join(projectRoot, '.dev'), { recursive: true });
  built = await mkdtemp(join(projectRoot, '.dev', 'dist-'));
  await writeFile(join(built, 'package.json'), '{ "type": "module" }');
  const compiler = join(projectRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  await run(process.execPath, [compiler, '-p', join(projectRoot, 'tsconfig.build.json'), '--outDir', built]);
  await run(process.execPath, [join(projectRoot, 'scripts/dev/build.ts'), built], { cwd: projectRoot });
});
afterAll(() => rm(built, { recursive: true, force: true }));

// The worker's own refusal of a missing ledger shows that all its modules could be loaded.
test('what is built of the worker starts on the oldest Node it declares', async () => {
  const environment = { ...process.env, CUTOVER_LEDGER_URL: '' };
  const started = run(process.execPath, [join(built, 'bin', 'cutover.cjs'), 'worker'], { cwd: projectRoot, env: environment });
  await expect(started).rejects.toMatchObject({ stderr: expect.stringContaining('CUTOVER_LEDGER_URL is not set') as unknown });
});

const cutover = (...args: readonly string[]): Promise<{ readonly stdout: string }> =>
  run(join(built, 'bin', 'cutover.cjs'), args, { cwd: tmpdir() });

test('the package says of Node what is tried here: the oldest it declares is the very one that runs these tests', async () => {
  const { engines } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
    readonly engines: { readonly node: string };
  };
  expect(engines.node).toBe(`>=${oldestNode}`);
  expect(process.version).toBe(`v${oldestNode}`);
});

test('what is built helps and checks a plan, amounts included, on the oldest Node it declares', async () => {
  expect((await cutover('--help')).stdout).toMatch(/^Usage: cutover /);
  const checked = await cutover('plan', 'check', join(northwind, 'plan.yaml'), '--env', join(northwind, 'rehearsal.yaml'));
  expect(checked.stdout).toMatch(/^Plan northwind \(env rehearsal, mode rehearsal\) moves 91 accounts\./);
});

test('what is built makes the ledger, and serves the queue until it is told to stop', async () => {
  const { postgres, temporal } = await sharedStack();
  const ledger = `ledger_${randomUUID().slice(0, 8)}`;
  await postgres.createDatabase(ledger);
  const environment = {
    ...{ ...process.env, CUTOVER_LEDGER_ADMIN_URL: postgres.url(ledger), CUTOVER_LEDGER_URL: postgres.url(ledger) },
    TEMPORAL_ADDRESS: temporal.address,
  };
  const command = join(built, 'bin', 'cutover.cjs');
  try {
    const migrated = async (): Promise<readonly string[]> =>
      (JSON.parse((await run(process.execPath, [command, 'migrate', '--json'], { env: environment })).stdout) as { migrations: string[] })
        .migrations;
    expect((await migrated())[0]).toBe('0001-first');
    expect(await migrated()).toEqual([]);
    const worker = spawn(process.execPath, [command, 'worker'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    const [line] = (await once(worker.stdout, 'data')) as [Buffer];
    expect(JSON.parse(line.toString())).toMatchObject({ ready: true });
    worker.kill('SIGTERM');
    expect(await ended).toBe(0);
  } finally {
    await dropDatabases(postgres, [ledger]);
  }
});

test('says which setting it lacks to make the ledger', async () => {
  const asked = run(process.execPath, [join(built, 'bin', 'cutover.cjs'), 'migrate'], {
    env: { ...process.env, CUTOVER_LEDGER_ADMIN_URL: '' },
  });
  await expect(asked).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^CUTOVER_LEDGER_ADMIN_URL is not set/) as unknown });
});

test.each([
  ['v20.20.2', true],
  ['v22.12.0', true],
  ['v24.20.9', true],
  ['v24.21.0', false],
  ['v24.22.0-nightly', false],
  ['v26.0.0', false],
])('is in doubt about no Node: %s is refused in a sentence: %s', (version, refused) => {
  const words = refusedNode(version);
  expect(words !== null).toBe(refused);
  if (words !== null)
    expect(words).toMatch(new RegExp(`^cutover needs Node 24\\.21\\.0 or newer, and this is ${version}: .* Install a newer Node`));
});
