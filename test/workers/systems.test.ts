import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RunRef } from '../../contracts/messages.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { documentHash } from '../../records/canonical.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import { startWorker } from '../../scripts/dev/worker-process.ts';
import { connectSystems } from '../../workers/systems.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';

let own: OwnLedger;
let ledger: Ledger;
beforeAll(async () => {
  own = await ownLedger();
  ledger = openLedger(own.url);
});
afterAll(async () => {
  await ledger.close();
  await own.drop();
});

type Json = Record<string, unknown>;
const example = async (name: string): Promise<Json> =>
  parse(await readFile(join(projectRoot, 'examples', 'northwind', name), 'utf8')) as Json;

/** Stores the Northwind plan and env, changed, as a start would have. */
async function stored(change: (plan: Json, env: Json) => void = () => undefined): Promise<RunRef> {
  const [plan, env] = [await example('plan.yaml'), await example('rehearsal.yaml')];
  change(plan, env);
  const [planHash, envHash] = [documentHash(plan), documentHash(env)];
  await ledger.runs.storeDocument(planHash, 'plan', plan);
  await ledger.runs.storeDocument(envHash, 'env', env);
  return { run: 'cutover/northwind/1', planHash, envHash };
}

/** What a worker says that is to enter the systems of a run; `unset` is the variable it lacks. */
async function refusal(ref: RunRef, unset = ''): Promise<string> {
  const value = (name: string): string => (name.endsWith('_MS') ? '500' : 'http://127.0.0.1:9');
  const { systems } = connectSystems(ledger, (name) => (name === unset ? undefined : value(name)));
  return systems(ref).then(
    () => 'entered',
    (error: unknown) => String(error),
  );
}

test('a variable that is not set is told with the system and the setting that need it', async () => {
  expect(await refusal(await stored(), 'CUTOVER_ARCHIVE')).toBe(
    'Error: archive: the environment variable CUTOVER_ARCHIVE is not set in this worker, and the env file of the run takes folder from it; set it and start the worker again',
  );
});

test('a plan or env that another version of the program stored is told by run, hash and what to do', async () => {
  const newer = await stored((plan) => (plan['handOver'] = { to: 'finance' }));
  expect(await refusal(newer)).toMatch(
    new RegExp(
      `^Error: cutover/northwind/1 was started with plan ${newer.planHash}, which this version of cutover cannot read .*Let a worker of the version that started the run carry it on, or roll it back with that version`,
    ),
  );
  const older = await stored((_plan, env) => Reflect.deleteProperty(env, 'timings'));
  expect(await refusal(older)).toMatch(
    new RegExp(`started with env ${older.envHash}, which this version of cutover cannot read \\(timings\\)`),
  );
});

test('a run whose documents are there and whose variables are set is entered', async () => {
  expect(await refusal(await stored())).toBe('entered');
});

test('a run whose plan nobody stored is told so', async () => {
  const ref = await stored();
  expect(await refusal({ ...ref, planHash: 'f'.repeat(64) })).toMatch(
    /^Error: the ledger holds no plan f{64}, .* start it with: cutover start$/,
  );
});

test('an archive without its folder is refused, also where the env was stored before settings were checked', async () => {
  const ref = await stored((_plan, env) => Object.assign(env['systems'] as Json, { archive: {} }));
  expect(await refusal(ref)).toBe('AdapterError: archive: the connection lacks folder; name its environment variable in the env file');
});

test('a worker that is to carry out no whole number of activities at a time says so, and does not start', async () => {
  const started = startWorker({ CUTOVER_LEDGER_URL: 'postgresql://nobody@127.0.0.1:1/none', CUTOVER_WORKER_ACTIVITIES: 'few' });
  await expect(started).rejects.toThrow(/worker: CUTOVER_WORKER_ACTIVITIES is "few", and it is to be a whole number of at least 1/);
});

test('a worker without a ledger names the setting and what to put there, and blames no env file', async () => {
  const started = startWorker({ CUTOVER_LEDGER_URL: '' });
  await expect(started).rejects.toThrow(/worker: CUTOVER_LEDGER_URL is not set, so this worker has no ledger; set it to the address/);
});
