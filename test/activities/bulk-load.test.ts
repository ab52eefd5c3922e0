import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadLane } from '../../activities/load/load-lane.ts';
import { planLoad } from '../../activities/load/plan-load.ts';
import { endSessions, raiseWave, settleOpen } from '../../activities/rollback/raise.ts';
import type { Deps } from '../../activities/deps.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { objectSchema } from '../../domain/plan/mapping.ts';
import { contentHash } from '../../records/canonical.ts';
import { clients, crmPlan, salesforceBench, type SalesforceBench } from '../contract/salesforce-bench.ts';
import { inActivity } from './alone.ts';
import { examplePlan, loadBenchOn, type LoadBench } from './load-bench.ts';

type Row = Readonly<Record<string, unknown>>;

let crm: SalesforceBench;
let bench: LoadBench;
let direct: TargetPort;
const object = 'company';
const system = { ...crmPlan, bulkFrom: 201 };

beforeAll(async () => {
  crm = await salesforceBench();
  const values = { clientId: clients.cutover, clientSecret: crm.secrets.cutover, commitHorizonMs: '0' };
  const plan = await examplePlan();
  const company = objectSchema.parse({
    ...{ name: object, scope: 'account', mode: 'move', systemOfRecord: 'legacy' },
    ...{ source: { system: 'legacy', query: 'accounts' }, target: { system: 'crm', object: 'account' } },
    fields: { AccountNumber: { from: 'number' }, Name: { from: 'name' } },
  });
  direct = crm.port({ ...values, loginUrl: crm.ways.direct }, system);
  const target = { ...crm, connect: () => crm.port({ ...values, loginUrl: crm.ways.proxy }, system) };
  bench = await loadBenchOn(target, { ...plan, systems: { ...plan.systems, crm: system }, objects: [company] }, 1_000);
});
afterAll(async () => {
  await direct.dispose();
  await bench.stop();
});

/** Stages so many companies of a run of their own; some by other names. */
async function begun(prefix: string, count: number, names: Readonly<Record<number, string>> = {}): Promise<WaveRef> {
  const ref = await bench.begin();
  const { scope } = await bench.ledger.runs.get(ref.run);
  const rows = Array.from({ length: count }, (_, place) => {
    const sourceId = `${prefix}${String(place).padStart(5, '0')}`;
    const payload = { number: sourceId, name: names[place] ?? `Company ${sourceId}` };
    return { object, sourceId, account: sourceId, wave: ref.wave, hash: contentHash(payload), payload, disposition: 'move' as const };
  });
  await bench.ledger.records.stage(scope ?? '', await bench.ledger.stagings.begin(ref), rows);
  return ref;
}

/** Another worker: it reaches the organization past the fault proxy. */
const healthy = (): Deps => depsOn(direct);

function depsOn(port: TargetPort): Deps {
  return { ...bench.deps, systems: async (ref) => ({ ...(await bench.deps.systems(ref)), target: () => port }) };
}

const accounts = async (prefix: string): Promise<readonly Row[]> => {
  const { Account } = (await crm.control('tables')) as { readonly Account: readonly Row[] };
  return Account.filter((row) => String(row['AccountNumber']).startsWith(prefix));
};
const created = async (): Promise<number> => ((await crm.control('creates')) as Readonly<Record<string, number>>)['Account'] ?? 0;
const calls = async (): Promise<readonly string[]> =>
  ((await crm.control('journal')) as readonly { readonly method: string }[]).map(({ method }) => method);

/** Calls of this kind that the organization was sent. */
async function made(method: string): Promise<number> {
  return (await calls()).filter((call) => call === method).length;
}

/** Waits until something is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A worker's port that stops at a moment of a bulk write, until it is woken; `reached` resolves when it is there. */
function stopping(port: TargetPort, at: 'made' | 'remembered' | 'ended') {
  const [reached, woken] = [Promise.withResolvers<null>(), Promise.withResolvers<null>()];
  const stop = (): Promise<null> => {
    reached.resolve(null);
    return woken.promise;
  };
  const open: TargetPort['open'] = async () => {
    const session = await port.open();
    return {
      ...session,
      close: () => session.close(),
      write: async (name, rows, call) => {
        const moved = async (handle: string): Promise<void> => {
          if (at === 'made') await stop();
          await call.remember?.(handle);
          if (at === 'remembered') await stop();
        };
        const outcomes = await session.write(name, rows, { ...call, remember: moved });
        if (at === 'ended') await stop();
        return outcomes;
      },
    };
  };
  return { port: { ...port, open }, reached: reached.promise, wake: woken.resolve };
}

/** Calls a lane until it is done, as its workflow does, and tells how often. */
async function finished(ref: WaveRef, lane: number): Promise<number> {
  for (let times = 1; times < 20; times += 1) {
    await bench.ledger.runs.beatGuard(ref.run);
    const end = await inActivity(() => loadLane(healthy())(ref, lane));
    if (end.end === 'done') return times;
    await new Promise((resolve) => setTimeout(resolve, end.waitMs));
  }
  throw new Error('the lane did not come to its end');
}

/** Each company is there once, under its number and name, with the mark of its one effect, and no call is open. */
async function expectWhole(ref: WaveRef, prefix: string, count: number): Promise<void> {
  const rows = await accounts(prefix);
  const { scope } = await bench.ledger.runs.get(ref.run);
  const names = Array.from({ length: count }, (_, place) => `${prefix}${String(place).padStart(5, '0')}`);
  expect(rows.map((row) => row['AccountNumber']).sort()).toEqual(names);
  expect(rows.filter((row) => row['Name'] !== `Company ${String(row['AccountNumber'])}`)).toEqual([]);
  const crosswalk = await bench.ledger.crosswalk.live(
    scope ?? '',
    names.map((sourceId) => ({ object, sourceId })),
  );
  expect(crosswalk.map(({ targetId }) => targetId).sort()).toEqual(rows.map((row) => String(row['Id'])).sort());
  expect(await bench.ledger.calls.open({ run: ref.run, wave: ref.wave })).toEqual([]);
}

test('most of a lane that is new goes by one job, and a lane of few new records by collections', async () => {
  const ref = await begun('JOB', 450);
  const [lane, ...more] = await inActivity(() => planLoad(bench.deps)(ref, object));
  expect(more).toEqual([]);
  await finished(ref, lane ?? 0);
  await expectWhole(ref, 'JOB', 450);
  const few = await begun('FEW', 200);
  await finished(few, (await inActivity(() => planLoad(bench.deps)(few, object)))[0] ?? 0);
  await expectWhole(few, 'FEW', 200);
  expect([await made('POST jobs/ingest'), await made('POST composite/sobjects')]).toEqual([1, 1]);
});

test.each(['made', 'remembered', 'ended'] as const)(
  'a worker that dies, or sleeps and wakes, when its job is %s loses and doubles nothing: another one goes on',
  async (at) => {
    const prefix = `DIED-${at}-`;
    const before = await created();
    const ref = await begun(prefix, 300);
    const [lane = 0] = await inActivity(() => planLoad(bench.deps)(ref, object));
    const dying = stopping(direct, at);
    const slept = inActivity(() => loadLane(depsOn(dying.port))(ref, lane));
    await dying.reached;
    await finished(ref, lane);
    await expectWhole(ref, prefix, 300);
    dying.wake(null);
    expect((await slept).end).not.toBe('done');
    await expectWhole(ref, prefix, 300);
    expect((await created()) - before).toBe(300);
  },
);

test('a worker that wakes while another one takes its lane over begins no job', async () => {
  const ref = await begun('WOKE', 300);
  const [lane = 0] = await inActivity(() => planLoad(bench.deps)(ref, object));
  const sleeper = stopping(direct, 'made');
  const slept = inActivity(() => loadLane(depsOn(sleeper.port))(ref, lane));
  await sleeper.reached;
  // The other one has claimed the lane and read which sessions it must end, and is held back before it ends them.
  await crm.fault({ match: { pathPrefix: '/services/oauth2/revoke' }, action: 'slow', delayMs: 3_000 });
  const other = inActivity(() => loadLane(bench.deps)(ref, lane));
  await until(async () => (await crm.faultHits()) > 0);
  const uploads = await made('PUT jobs/ingest/{id}/batches');
  sleeper.wake(null);
  expect((await slept).end).not.toBe('done');
  expect(await made('PUT jobs/ingest/{id}/batches')).toBe(uploads);
  await crm.fault(null);
  await other;
  await finished(ref, lane);
  await expectWhole(ref, 'WOKE', 300);
});

test('a worker that sleeps right before it hands its job over finds it closed', async () => {
  const before = await created();
  const ref = await begun('SLEPT', 300);
  const [lane = 0] = await inActivity(() => planLoad(bench.deps)(ref, object));
  await crm.fault({ match: { method: 'PATCH', bodyIncludes: 'UploadComplete' }, action: 'slow', delayMs: 3_000 });
  const sleeping = inActivity(() => loadLane(bench.deps)(ref, lane));
  await until(async () => (await crm.faultHits()) > 0);
  await finished(ref, lane);
  expect((await sleeping).end).not.toBe('done');
  await crm.fault(null);
  await expectWhole(ref, 'SLEPT', 300);
  expect((await created()) - before).toBe(300);
});

test('a job that another worker finds under way goes on to its end, and says itself what it made', async () => {
  const [before, jobs] = [await created(), await made('POST jobs/ingest')];
  const ref = await begun('HALF', 700);
  const [lane = 0] = await inActivity(() => planLoad(bench.deps)(ref, object));
  await crm.seed({ bulkChunkMs: 200 });
  // The first worker hears nothing of its job, as one that has died.
  await crm.fault({ match: { method: 'GET', pathPrefix: '/services/data/v64.0/jobs/ingest' }, action: 'slow', delayMs: 8_000 });
  const first = inActivity(() => loadLane(bench.deps)(ref, lane));
  await until(async () => (await accounts('HALF')).length > 0);
  await crm.seed({ bulkStalls: true });
  expect((await accounts('HALF')).length).toBeLessThan(700);
  const second = finished(ref, lane);
  await crm.seed({ bulkStalls: false, bulkChunkMs: 5 });
  await second;
  await expectWhole(ref, 'HALF', 700);
  expect((await first).end).not.toBe('done');
  await crm.fault(null);
  expect([(await created()) - before, (await made('POST jobs/ingest')) - jobs]).toEqual([700, 1]);
});

test('what a job refused before its worker died is told to people in the words of the system, and asked for by no second job', async () => {
  const jobs = await made('POST jobs/ingest');
  const ref = await begun('NO', 300, { 7: 'x'.repeat(256) });
  const [lane = 0] = await inActivity(() => planLoad(bench.deps)(ref, object));
  const dying = stopping(direct, 'ended');
  void inActivity(() => loadLane(depsOn(dying.port))(ref, lane));
  await dying.reached;
  // Without the files of the job the refused one would be unknown past the horizon.
  expect(await finished(ref, lane)).toBe(1);
  expect((await made('POST jobs/ingest')) - jobs).toBe(1);
  expect(await accounts('NO')).toHaveLength(299);
  const told = await bench.ledger.exceptions.openOf(ref.run, ref.wave);
  expect(told).toMatchObject([{ sourceId: 'NO00007', kind: 'refused', message: expect.stringContaining('STRING_TOO_LONG (Name)') }]);
  expect(await bench.ledger.calls.open({ run: ref.run, wave: ref.wave })).toEqual([]);
});

test('a rollback ends a job under way, knows what it made, and nothing is made after', async () => {
  const ref = await begun('BACK', 700);
  const [lane = 0] = await inActivity(() => planLoad(bench.deps)(ref, object));
  await crm.seed({ bulkChunkMs: 200 });
  const loading = inActivity(() => loadLane(bench.deps)(ref, lane));
  await until(async () => (await accounts('BACK')).length > 0);
  await crm.seed({ bulkStalls: true });
  expect(await inActivity(() => raiseWave(healthy())(ref, 'back', 'taken back'))).toBe(true);
  await inActivity(() => endSessions(healthy())(ref));
  const made = (await accounts('BACK')).length;
  await crm.seed({ bulkStalls: false, bulkChunkMs: 5 });
  expect((await loading).end).not.toBe('done');
  let open = await inActivity(() => settleOpen(healthy())(ref));
  while (open.open > 0) {
    await new Promise((resolve) => setTimeout(resolve, open.waitMs));
    open = await inActivity(() => settleOpen(healthy())(ref));
  }
  expect(made).toBeLessThan(700);
  expect(await accounts('BACK')).toHaveLength(made);
  const { scope } = await bench.ledger.runs.get(ref.run);
  const keys = Array.from({ length: 700 }, (_, place) => `BACK${String(place).padStart(5, '0')}`);
  const history = await bench.ledger.effects.history(scope ?? '', 'crm', object, keys);
  expect(history.filter(({ status }) => status === 'applied')).toHaveLength(made);
  expect(await bench.ledger.calls.open({ run: ref.run, wave: ref.wave })).toEqual([]);
});

test('ten thousand records go by one job', async () => {
  const ref = await begun('TEN', 10_000);
  const [lane = 0, ...more] = await inActivity(() => planLoad(bench.deps)(ref, object));
  expect(more).toEqual([]);
  await finished(ref, lane);
  await expectWhole(ref, 'TEN', 10_000);
});

test('a job that the ledger could not be told of is not handed over, and its rows are sent again without being looked for', async () => {
  const ref = await begun('UNTOLD', 210);
  const [lane = 0] = await inActivity(() => planLoad(healthy())(ref, object));
  const { lanes } = bench.ledger;
  const remember = lanes.remember.bind(lanes);
  let asked = 0;
  lanes.remember = (...told) => ((asked += 1) === 1 ? Promise.reject(new Error('the connection was lost')) : remember(...told));
  expect(await inActivity(() => loadLane(healthy())(ref, lane))).toMatchObject({ end: 'wait' });
  expect(await bench.ledger.calls.open({ lane })).toEqual([]);
  expect(await accounts('UNTOLD')).toEqual([]);
  lanes.remember = remember;
  await finished(ref, lane);
  await expectWhole(ref, 'UNTOLD', 210);
});
