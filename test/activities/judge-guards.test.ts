import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { judgeGuards } from '../../activities/guards/judge-guards.ts';
import type { Deps } from '../../activities/deps.ts';
import type { RunRef } from '../../contracts/messages.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { documentHash } from '../../records/canonical.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { createLedger } from '../../scripts/dev/stack.ts';
import { sampleEnv, samplePlan } from '../support/sample-plan.ts';

const plan = samplePlan((raw) => {
  raw.guards = [
    {
      name: 'exceptions',
      metric: 'openExceptions',
      kind: 'count',
      limit: 0,
      minimumSample: 1,
      exactCount: 1,
      window: '2s',
      stages: ['loading'],
      answer: { beforeSwitch: 'rollback', afterSwitch: 'pause' },
      owner: 'it',
    },
  ];
});
const env = sampleEnv();
let server: LocalPostgres;
let ledger: Ledger;
let url = '';
let ref: RunRef;
let runs = 0;

beforeAll(async () => {
  server = await startPostgres();
  url = await createLedger(server, 'ledger');
  ledger = openLedger(url);
});
afterAll(async () => {
  await ledger.close();
  await server.stop();
});
beforeEach(async () => {
  runs += 1;
  ref = { run: `cutover/sample/${String(runs)}`, planHash: documentHash(plan), envHash: documentHash(env) };
  await ledger.runs.storeDocument(ref.planHash, 'plan', plan);
  await ledger.runs.storeDocument(ref.envHash, 'env', env);
  await ledger.runs.open(ref.run, ref.planHash, ref.envHash);
  await ledger.runs.bindScope(ref.run, `scope ${String(runs)}`, 0);
  await ledger.waves.plan(ref.run, ['pilot']);
  await ledger.waves.move({ run: ref.run, wave: 'pilot', attempt: 1 }, 'loading');
});

/** These guards are counted from the ledger alone; whoever reaches for a system fails. */
const nowhere = new Proxy(
  {},
  {
    get: (_, name) => {
      throw new Error(`this guard needs no system, and ${String(name)} was asked for`);
    },
  },
) as never;
const look = (): ReturnType<ReturnType<typeof judgeGuards>> => {
  const deps: Deps = {
    ledger,
    systems: () => Promise.resolve({ plan, env, source: nowhere, archive: nowhere, target: nowhere }),
    point: () => undefined,
  };
  return judgeGuards(deps)(ref);
};
const verdicts = async (): Promise<readonly string[]> => (await ledger.guards.all(ref.run)).map(({ verdict }) => verdict);
const measure = (bad: number, error: string | null = null): Promise<void> =>
  ledger.guards.measure(ref.run, 'pilot', 1, 'openExceptions', {
    numerator: error === null ? bad : null,
    denominator: error === null ? 10 : null,
    samples: [],
    error,
    ruleVersion: 1,
  });
/** As if nobody had measured for so long. */
const age = (seconds: number): Promise<unknown> =>
  askDatabase(url, [`update measurement set at = at - interval '${String(seconds)} seconds' where run = '${ref.run}'`]);

test('the same measurement looked at twice is no second look: only a newer one makes a breach', async () => {
  await measure(3);
  expect(await look()).toEqual([]);
  await measure(0, 'the ledger did not answer');
  expect(await look()).toEqual([]);
  expect(await verdicts()).toEqual(['inconclusive']);
  await measure(3);
  expect(await look()).toMatchObject([{ guard: 'exceptions', wave: 'pilot', answer: 'rollback' }]);
  expect(await verdicts()).toEqual(['inconclusive', 'breach']);
});

test('a pass does not outlive its measurement: once that is too old the guard is inconclusive, and it answers nothing', async () => {
  await measure(0);
  expect(await look()).toEqual([]);
  expect(await verdicts()).toEqual(['pass']);
  await age(60);
  await measure(0, 'the ledger did not answer');
  expect(await look()).toEqual([]);
  expect(await verdicts()).toEqual(['pass', 'inconclusive']);
});
