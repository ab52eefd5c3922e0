import { beforeAll, expect, test } from 'vitest';
import { askDatabase, withConnection } from '../../scripts/dev/sql.ts';
import { useLedger } from './fresh-ledger.ts';

const run = 'cutover/newest/1';
const pilot = { run, wave: 'pilot', attempt: 1 };
const ledger = useLedger();
let [earlier, later]: readonly Date[] = [];
const at = (instant: Date | undefined): Date => instant ?? new Date(NaN);
beforeAll(async () => {
  await ledger().runs.open(run, 'plan', 'env');
  await ledger().runs.bindScope(run, 'newest', 0);
  await ledger().waves.plan(run, ['pilot']);
  earlier = await ledger().clocks.now();
  later = new Date(earlier.getTime() + 1);
});

const standing = async () => (await ledger().holds.standing(run)).holds.map(({ reason }) => reason);

test('of two sweeps the one that read a record later tells of it, whichever began or wrote first, and neither drops it', async () => {
  const customers = { ...pilot, object: 'customer' };
  const [long, short] = [await ledger().comparisons.begin(customers), await ledger().comparisons.begin(customers)];
  const store = (sweep: number, differences: readonly string[], readAt: Date | undefined) =>
    ledger().comparisons.store(customers, sweep, {
      results: [{ sourceId: 'ALFKI', differences, edited: [] }],
      lagging: [],
      readAt: at(readAt),
    });
  const told = async () => (await ledger().comparisons.all(run, 'pilot', 1)).differing.map(({ differences }) => differences);
  await store(short, ['phone'], earlier);
  await store(long, ['city'], later);
  await store(short, ['name'], earlier);
  expect(await told()).toEqual([['city']]);
  await ledger().comparisons.finish(customers, short);
  expect(await told()).toEqual([['city']]);
  await store(long, [], later);
  await store(short, ['name'], earlier);
  expect(await ledger().comparisons.all(run, 'pilot', 1)).toMatchObject({ total: 1, differing: [] });
});

test('a value that slept is not the newest one, heals no fault that came up since and brings back none that is healed', async () => {
  const store = (readAt: Date | undefined, names: readonly string[], error: string | null = null) =>
    ledger().measurements.store(run, 'pilot', 1, 'notHarmless', {
      ...{ numerator: names.length, denominator: 10, samples: [], names, error, ruleVersion: 1 },
      readAt: at(readAt),
    });
  const now = async () => ({
    bad: (await ledger().measurements.latest(run, 'pilot', 1, 'notHarmless'))?.numerator,
    faults: await ledger().measurements.faults(run, 'pilot', 1, 'notHarmless', 'harm'),
    failed: await ledger().measurements.failedReads(run, 'pilot', 1, 'notHarmless'),
  });
  await store(earlier, ['healed', 'stands']);
  await store(later, ['stands']);
  await store(earlier, ['healed', 'stands']);
  await store(earlier, [], 'slept');
  expect(await now()).toEqual({ bad: 1, faults: { accepted: 0, fresh: 1 }, failed: 0 });
  await store(later, []);
  expect(await now()).toMatchObject({ bad: 0, faults: { fresh: 0 } });
});

test('of two counts of what people entered the one that was read later is told', async () => {
  const count = (orders: number, readAt: Date | undefined) =>
    ledger().goingBack.noteOrders(run, [{ wave: 'pilot', attempt: 1, orders }], at(readAt));
  await count(1, earlier);
  await count(3, later);
  await count(2, earlier);
  expect(await ledger().measurements.latest(run, 'pilot', 1, 'ordersToRekey')).toMatchObject({ numerator: 3 });
});

test('a look of a guard that slept stores no verdict behind another one, or behind a newer value, and holds nothing', async () => {
  const { guards, measurements } = ledger();
  const figures = { guard: 'rate', wave: 'pilot', attempt: 1, warn: false, k: null, n: null, eValue: null };
  const verdict = (of: 'pass' | 'breach', reason: string) => ({
    ...{ ...figures, verdict: of, reason, segment: 1, secondLook: false },
    answer: of === 'breach' ? 'pause' : null,
  });
  const known = async () => ({
    verdict: await guards.verdict(run, 'rate', 'pilot', 1),
    metric: 'mismatchRate',
    value: await measurements.latest(run, 'pilot', 1, 'mismatchRate'),
  });
  const store = (of: 'pass' | 'breach', reason: string, behind: Awaited<ReturnType<typeof known>>) =>
    guards.store(run, verdict(of, reason), null, null, behind);
  const none = await known();
  expect(await store('pass', 'present', none)).toBeNull();
  expect(await store('breach', 'slept behind a verdict', none)).toBe('overtaken');
  const first = await known();
  await measurements.store(run, 'pilot', 1, 'mismatchRate', { numerator: 0, denominator: 9, samples: [], error: null, ruleVersion: 1 });
  await guards.look(run, { ...figures, verdict: 'pass', reason: 'newer', measuredAt: null }, await known());
  expect(await store('breach', 'slept behind a value', first)).toBe('overtaken');
  await guards.look(run, { ...figures, verdict: 'breach', reason: 'older', measuredAt: null }, first);
  expect((await guards.looks(run)).map(({ reason }) => reason)).toEqual(['newer']);
  expect([await standing(), (await known()).verdict?.reason]).toEqual([[], 'present']);
  expect(await store('breach', 'true', await known())).toBe('hold');
  expect(await standing()).toEqual([expect.stringContaining('true')]);
});

/** Does `first`, which waits for a row that somebody else has locked, and `second` beside it, then lets that row go; returns when both have ended. */
async function beside(lock: string, first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<void> {
  const waits = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await withConnection(ledger.url(), async (client) => {
    await client.query(`begin; ${lock}`);
    // Asked elsewhere: within a transaction the answer stays the first one.
    const waiting = async (sessions: number): Promise<boolean> => ((await askDatabase(ledger.url(), [waits]))[0]?.length ?? 0) >= sessions;
    const until = async (isSo: () => Promise<boolean>): Promise<void> => {
      while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    const one = first();
    await until(() => waiting(1));
    let isOver = false;
    const two = second().finally(() => (isOver = true));
    await until(async () => isOver || (await waiting(2)));
    await client.query('commit');
    await Promise.all([one, two]);
  });
}

test('of two values that are stored at the same moment the one that was read later is the newest', async () => {
  const store = (readAt: Date | undefined, names: readonly string[]) =>
    ledger().measurements.store(run, 'pilot', 1, 'countMismatch', {
      ...{ numerator: names.length, denominator: 10, samples: [], names, error: null, ruleVersion: 1 },
      readAt: at(readAt),
    });
  await store(earlier, ['stood']);
  await beside(
    `select 1 from fault where metric = 'countMismatch' for update`,
    () => store(later, []),
    () => store(earlier, ['stood', 'slept']),
  );
  expect(await ledger().measurements.latest(run, 'pilot', 1, 'countMismatch')).toMatchObject({ numerator: 0 });
  expect(await ledger().measurements.faults(run, 'pilot', 1, 'countMismatch', 'count')).toEqual({ accepted: 0, fresh: 0 });
});

test('a guard that passes waits for no decision about the run, and stands behind no breach that is being stored', async () => {
  const { guards } = ledger();
  const verdict = (of: 'pass' | 'breach') => ({
    ...{ guard: 'count', wave: 'pilot', attempt: 1, warn: false, k: null, n: null, eValue: null, segment: 1, secondLook: false },
    ...{ verdict: of, reason: of, answer: of === 'breach' ? 'pause' : null },
  });
  const none = { verdict: null, metric: 'countMismatch', value: await ledger().measurements.latest(run, 'pilot', 1, 'countMismatch') };
  let told: unknown;
  await withConnection(ledger.url(), async (client) => {
    await client.query(`begin; select 1 from run where id = '${run}' for no key update`);
    expect(await guards.store(run, verdict('pass'), null, null, none)).toBeNull();
    await client.query('rollback');
  });
  const known = { ...none, verdict: await guards.verdict(run, 'count', 'pilot', 1) };
  await beside(
    `select 1 from wave where run = '${run}' for no key update`,
    () => guards.store(run, verdict('breach'), null, null, known),
    async () => {
      told = await guards.store(run, verdict('pass'), null, null, known);
    },
  );
  expect([told, (await guards.verdict(run, 'count', 'pilot', 1))?.verdict]).toEqual(['overtaken', 'breach']);
  expect(await standing()).toContain('count: breach');
});

test('a try that slept takes back nothing that a later one has noted, and what came to its end is forgotten', async () => {
  const { places } = ledger();
  const key = async () => (await places.of('execution/1'))?.mark['key'] ?? null;
  expect(await key()).toBe(null);
  await places.note(run, 'execution/1', 1, { key: 'ALFKI' });
  await places.note(run, 'execution/1', 2, { key: 'BONAP' });
  await places.note(run, 'execution/1', 1, { key: 'ANATR' });
  expect(await key()).toBe('BONAP');
  await places.note(run, 'execution/1', 2, { key: 'CACTU' });
  expect(await key()).toBe('CACTU');
  await places.drop(['execution/1']);
  expect(await key()).toBe(null);
});

const noted = async (of: readonly string[]) =>
  (await askDatabase(ledger.url(), [`select run, mark from place where run in ('${of.join("', '")}') order by run, call`]))[0];

test('what calls have noted goes with the end of their run, and a try that slept notes nothing of it later', async () => {
  const { places, runs } = ledger();
  const [ended, open] = ['cutover/newest/2', 'cutover/newest/3'];
  for (const each of [ended, open]) {
    await runs.open(each, 'plan', 'env');
    await places.note(each, `${each} failed`, 1, { key: 'ALFKI' });
  }
  await runs.end(ended, 'refused');
  expect(await noted([ended, open])).toEqual([{ run: open, mark: { key: 'ALFKI' } }]);
  await places.note(ended, 'slept', 1, { key: 'BONAP' });
  expect(await noted([ended])).toEqual([]);
});

test('a try that notes while its run ends leaves nothing behind', async () => {
  const { places, runs } = ledger();
  const ending = 'cutover/newest/4';
  await runs.open(ending, 'plan', 'env');
  await places.note(ending, 'failed', 1, { key: 'ALFKI' });
  await beside(
    `select 1 from place where run = '${ending}' for update`,
    () => runs.end(ending, 'refused'),
    () => places.note(ending, 'slept', 1, { key: 'BONAP' }),
  );
  expect(await noted([ending])).toEqual([]);
});
