import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { judgeGuards } from '../../activities/guards/judge-guards.ts';
import type { Deps } from '../../activities/deps.ts';
import type { RunRef } from '../../contracts/messages.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { documentHash } from '../../records/canonical.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { sampleEnv, samplePlan } from '../support/sample-plan.ts';
import { inActivity, unused } from './alone.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';

type Metric = 'openExceptions' | 'writeErrorRate' | 'mismatchRate';

const planWith = (metric: Metric, limit: number, beforeSwitch: 'pause' | 'rollback'): Plan =>
  samplePlan((raw) => {
    raw.guards = [
      {
        name: 'watched',
        metric,
        kind: 'count',
        limit,
        minimumSample: 1,
        exactCount: 1,
        window: '2s',
        stages: ['loading'],
        answer: { beforeSwitch, afterSwitch: 'pause' },
        owner: 'it',
      },
    ];
  });
const env = sampleEnv();
let own: OwnLedger;
let ledger: Ledger;
let url = '';
let plan: Plan;
let metric: Metric;
let ref: RunRef;
let runs = 0;

beforeAll(async () => {
  own = await ownLedger();
  ({ url } = own);
  ledger = openLedger(url);
});
afterAll(async () => {
  await ledger.close();
  await own.drop();
});

/** Opens a run whose pilot is loading, watched by one guard. */
async function begin(of: Metric, limit = 0, beforeSwitch: 'pause' | 'rollback' = 'pause'): Promise<void> {
  runs += 1;
  [plan, metric] = [planWith(of, limit, beforeSwitch), of];
  ref = { run: `cutover/sample/${String(runs)}`, planHash: documentHash(plan), envHash: documentHash(env) };
  await ledger.runs.storeDocument(ref.planHash, 'plan', plan);
  await ledger.runs.storeDocument(ref.envHash, 'env', env);
  await ledger.runs.open(ref.run, ref.planHash, ref.envHash);
  await ledger.runs.bindScope(ref.run, `scope ${String(runs)}`, 0);
  await ledger.waves.plan(ref.run, ['pilot']);
  await ledger.waves.move({ run: ref.run, wave: 'pilot', attempt: 1 }, 'loading');
}

const look = (attempt = 1): ReturnType<ReturnType<typeof judgeGuards>> => {
  const deps: Deps = {
    ledger,
    systems: () => Promise.resolve({ plan, env, source: unused, archive: unused, target: unused }),
    point: () => undefined,
  };
  return inActivity(() => judgeGuards(deps)(ref), attempt);
};
/** Verdicts of the guard under test; the one on the configuration, which every run has, has its own. */
const watched = async () => (await ledger.guards.all(ref.run)).filter(({ guard }) => guard === 'watched');
const verdicts = async (): Promise<readonly string[]> => (await watched()).map(({ verdict }) => verdict);
const numbered = (bad: number): readonly string[] => Array.from({ length: bad }, (_, index) => `record ${String(index)}`);
const measure = (bad: number, error: string | null = null, of = 10, names = numbered(bad)): Promise<void> =>
  ledger.measurements.store(ref.run, 'pilot', 1, metric, {
    numerator: error === null ? bad : null,
    denominator: error === null ? of : null,
    samples: [],
    ...(error === null ? { names } : {}),
    error,
    ruleVersion: 1,
  });
/** As if nobody had measured for so long. */
const age = (seconds: number): Promise<unknown> =>
  askDatabase(url, [`update measurement set at = at - interval '${String(seconds)} seconds' where run = '${ref.run}'`]);

test('the same measurement looked at twice is no second look: only a newer one makes a breach', async () => {
  await begin('openExceptions', 0, 'rollback');
  await measure(3);
  expect(await look()).toEqual([]);
  await measure(0, 'the ledger did not answer');
  expect(await look()).toEqual([]);
  expect(await verdicts()).toEqual(['inconclusive']);
  await measure(3);
  expect(await look()).toMatchObject([{ guard: 'watched', wave: 'pilot', answer: 'rollback' }]);
  expect(await verdicts()).toEqual(['inconclusive', 'breach']);
});

test('a pass does not outlive its measurement: once that is too old the guard is inconclusive, and it answers nothing', async () => {
  await begin('openExceptions');
  await measure(0);
  expect(await look()).toEqual([]);
  expect(await verdicts()).toEqual(['pass']);
  await age(60);
  await measure(0, 'the ledger did not answer');
  expect(await look()).toEqual([]);
  expect(await verdicts()).toEqual(['pass', 'inconclusive']);
});

/** Lifts every hold that stands, as a resume does; returns how many there were. */
async function resume(): Promise<number> {
  const numbers = (await ledger.holds.standing(ref.run)).holds.map(({ number }) => number);
  await ledger.holds.lift(ref.run, numbers, 'request');
  return numbers.length;
}

/** Two looks, each at a measurement of its own; the breach they find is answered by a resume. */
async function lookTwice(bad: number, of = 10): Promise<readonly string[]> {
  await measure(bad, null, of);
  await look();
  await measure(bad, null, of);
  const found = await look();
  await resume();
  return found.map(({ reason }) => reason);
}

test('what people accepted with a resume stays accepted, and one more is a breach again', async () => {
  await begin('openExceptions');
  expect(await lookTwice(3)).toHaveLength(1);
  expect(await lookTwice(3)).toEqual([]);
  expect((await watched()).at(-1)).toMatchObject({
    verdict: 'pass',
    reason: 'openExceptions is 3 in 10 records; 3 were accepted by name when the run was resumed.',
  });
  expect(await lookTwice(4)).toEqual([expect.stringContaining('openExceptions is 4 in 10 records')]);
  expect(await lookTwice(4)).toEqual([]);
});

test('a fault that is healed hides none that is newly broken, and one that breaks again was not accepted', async () => {
  await begin('openExceptions');
  const lookAt = async (names: readonly string[]): Promise<number> => {
    for (let times = 0; times < 2; times += 1) {
      await measure(names.length, null, 10, names);
      if ((await look()).length > 0) return (await resume()) === 1 ? 1 : NaN;
    }
    return 0;
  };
  expect(await lookAt(['order 1', 'order 2'])).toBe(1);
  expect(await lookAt(['order 1', 'order 2'])).toBe(0);
  expect(await lookAt(['order 1', 'order 3'])).toBe(1);
  expect(await lookAt(['order 3'])).toBe(0);
  expect(await lookAt(['order 1', 'order 3'])).toBe(1);
});

test('failed writes only grow: after each resume they are counted from all that was answered before', async () => {
  await begin('writeErrorRate', 1);
  expect(await lookTwice(2)).toHaveLength(1);
  expect(await lookTwice(4, 20)).toEqual([expect.stringContaining('writeErrorRate is 2 in 10')]);
  expect(await lookTwice(5, 30)).toEqual([]);
  expect(await lookTwice(6, 30)).toEqual([expect.stringContaining('writeErrorRate is 2 in 10')]);
});

test('mismatches are as old as the sweep that found them: without a new sweep a guard no longer passes, and looks again at none twice', async () => {
  await begin('mismatchRate');
  const customers = { run: ref.run, wave: 'pilot', attempt: 1, object: 'customers' };
  const begun = async (differences: readonly string[]): Promise<number> => {
    const number = await ledger.comparisons.begin(customers);
    await ledger.comparisons.store(customers, number, {
      results: [{ sourceId: 'ALFKI', differences, edited: [] }],
      lagging: [],
      readAt: await ledger.clocks.now(),
    });
    return number;
  };
  const sweep = async (differences: readonly string[]): Promise<void> => ledger.comparisons.finish(customers, await begun(differences));
  const ageSweep = (): Promise<unknown> =>
    askDatabase(url, [
      `update comparison set seen_at = seen_at - interval '60 seconds'`,
      `update sweep set fresh_at = fresh_at - interval '60 seconds'`,
      `update measurement set at = at - interval '2 seconds'`,
    ]);
  await sweep([]);
  await look();
  expect(await verdicts()).toEqual(['pass']);
  await ageSweep();
  // A sweep that meets a target which goes away makes nothing fresh.
  await begun([]);
  await look();
  expect(await verdicts()).toEqual(['pass', 'inconclusive']);
  await sweep(['phone']);
  await look();
  await askDatabase(url, [`update measurement set at = at - interval '2 seconds'`]);
  await look();
  expect((await watched()).map(({ secondLook }) => secondLook)).toEqual([false, false, true]);
  await sweep(['phone']);
  await askDatabase(url, [`update measurement set at = at - interval '2 seconds'`]);
  expect(await look()).toMatchObject([{ reason: expect.stringContaining('customers ALFKI: phone') as unknown }]);
});

test('where a guard stands is told with its newest figures, although its verdict has not changed', async () => {
  await begin('writeErrorRate', 5);
  const figures = async () => (await ledger.guards.looks(ref.run)).filter(({ guard }) => guard === 'watched');
  await measure(0, null, 100);
  await look();
  expect(await figures()).toMatchObject([{ verdict: 'pass', k: 0, n: 100 }]);
  await measure(1, null, 558);
  await look();
  expect(await verdicts()).toEqual(['pass']);
  expect(await figures()).toMatchObject([
    {
      verdict: 'pass',
      k: 1,
      n: 558,
      reason: 'writeErrorRate is 1 in 558 records; at most 5 allowed.',
      measuredAt: expect.any(Date) as unknown,
    },
  ]);
});

/** While `work` goes on nobody can read the open exceptions: a look that counts them waits. */
async function whileCounting(work: () => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin; lock table exception in access exclusive mode');
    await work();
  } finally {
    await client.end();
  }
}
async function untilItWaits(): Promise<void> {
  const waiting = `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and query like '%from exception%'`;
  for (let rows = await askDatabase(url, [waiting]); rows[0]?.[0]?.['n'] === 0; rows = await askDatabase(url, [waiting]))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

test('what was measured while the wave began its switch is no first look, and is not kept', async () => {
  await begin('openExceptions');
  const exception = { object: 'customers', sourceId: 'ALFKI', account: 'ALFKI', kind: 'noMatch', message: 'none', candidates: [] } as const;
  await ledger.exceptions.open(ref.run, 'pilot', [exception]);
  let looking: Promise<unknown> = Promise.resolve();
  await whileCounting(async () => {
    looking = look();
    await untilItWaits();
    await askDatabase(url, [`update wave set state = 'switching' where run = '${ref.run}' and name = 'pilot'`]);
  });
  await looking;
  expect(await verdicts()).toEqual([]);
  expect(await ledger.measurements.latest(ref.run, 'pilot', 1, 'openExceptions')).toBeNull();
  await askDatabase(url, [`update wave set state = 'loading' where run = '${ref.run}' and name = 'pilot'`]);
  await look();
  expect(await verdicts()).toEqual(['inconclusive']);
});

test('a look that takes long is a sign of life while it works; one that is tried again is none before its end', async () => {
  await begin('openExceptions');
  const alive = (): Promise<boolean> => ledger.runs.guardAlive(ref.run, 60_000);
  const aliveMeanwhile = async (attempt: number): Promise<boolean> => {
    let [looking, meanwhile]: [Promise<unknown>, boolean] = [Promise.resolve(), false];
    await askDatabase(url, [
      `update run set guard_alive_at = null where id = '${ref.run}'`,
      `delete from measurement where run = '${ref.run}'`,
    ]);
    await whileCounting(async () => {
      looking = look(attempt);
      await untilItWaits();
      for (let looks = 0; !meanwhile && looks < (attempt === 1 ? 100 : 8); looks += 1) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        meanwhile = await alive();
      }
    });
    await looking;
    expect(await alive()).toBe(true);
    return meanwhile;
  };
  expect(await aliveMeanwhile(1)).toBe(true);
  expect(await aliveMeanwhile(2)).toBe(false);
});
