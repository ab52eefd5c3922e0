import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Meter } from '../../activities/budget/meter.ts';
import { Meters } from '../../activities/budget/meters.ts';
import { createSalesforce } from '../../adapters/salesforce/salesforce.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import { BudgetWait } from '../../contracts/calls.ts';
import type { FaultRule } from '../../sandbox/fault-proxy/rules.ts';
import type { JournalEntry } from '../../sandbox/journal.ts';
import { openLedger } from '../../ledger/ledger.ts';
import { createTryton } from '../../adapters/tryton/tryton.ts';
import { startChildServer } from '../../scripts/dev/child-server.ts';
import { addFault, clearFaults } from '../../scripts/dev/faults.ts';
import { companyName, startSandboxTryton } from '../contract/tryton-bench.ts';
import { clients, crmPlan, salesforceBench, type SalesforceBench } from '../contract/salesforce-bench.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';
import { inActivity } from './alone.ts';
import { withWorkers, type Worker } from './budget-workers.ts';

let own: OwnLedger;
let organization: SalesforceBench;
let workers: readonly Worker[] = [];

beforeAll(async () => {
  own = await ownLedger();
});
afterAll(() => own.drop());

/** Starts an organization with such a limit, and workers that share its budget. */
async function withOrganization(
  count: number,
  limit: { readonly dailyRequests: number; readonly requestWindowMs: number },
  reserve: number,
  work: () => Promise<void>,
): Promise<void> {
  organization = await salesforceBench(limit);
  const values = {
    loginUrl: organization.ways.proxy,
    clientId: clients.cutover,
    clientSecret: organization.secrets.cutover,
    apiWindowMs: String(limit.requestWindowMs),
  };
  const port = (meter: Meter): TargetPort => createSalesforce(crmPlan, { system: 'crm', callTimeoutMs: 60_000, values, meter });
  try {
    await withWorkers(count, { url: own.url, system: 'crm', budget: { windows: [], reserve }, port }, async (...all) => {
      workers = all;
      await work();
    });
  } finally {
    await organization.stop();
  }
}

const askToWait = (seconds: string): FaultRule => ({
  match: { pathPrefix: '/services/data' },
  action: 'throttle',
  status: 503,
  headers: { 'retry-after': seconds },
});

const worker = (n: number): Worker => workers[n] as Worker;
const counting = (kind: string, { port }: Worker): Promise<number> => inActivity(() => port.count('account'), 1, kind);

/** Calls that count against the limit, as the organization itself saw them. */
async function seen(): Promise<readonly JournalEntry[]> {
  const all = (await organization.control('journal')) as readonly JournalEntry[];
  return all.filter(({ method }) => method.startsWith('GET query'));
}

async function refused(): Promise<number> {
  return (await seen()).filter(({ outcome }) => outcome === 'REQUEST_LIMIT_EXCEEDED').length;
}

/** The most calls that came within one length of time. */
function mostWithin(calls: readonly JournalEntry[], lengthMs: number): number {
  const instants = calls.map(({ at }) => Date.parse(at));
  return Math.max(...instants.map((from) => instants.filter((at) => at >= from && at < from + lengthMs).length));
}

test('workers that load as fast as they can never exceed the limit they share, use most of it, and end', async () => {
  const [limit, windowMs, total] = [100, 4_000, 240];
  await withOrganization(2, { dailyRequests: limit, requestWindowMs: windowMs }, 0, async () => {
    await counting('loadLane', worker(0));
    await counting('loadLane', worker(1));
    let left = total - 2;
    const beganMs = performance.now();
    const lane = async (on: Worker): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await counting('loadLane', on);
      }
    };
    await Promise.all([0, 0, 0, 1, 1, 1].map((n) => lane(worker(n))));
    const tookMs = performance.now() - beganMs;
    const calls = await seen();
    expect(calls).toHaveLength(total);
    expect(await refused()).toBe(0);
    expect(mostWithin(calls, windowMs)).toBeLessThanOrEqual(limit);
    // 240 calls at 100 in 4 s need 5.6 s at least.
    expect(tookMs).toBeGreaterThan(((total - limit) / limit) * windowMs);
    expect(tookMs).toBeLessThan(120_000);
  });
});

test('a load stops before the reserve with its reason and time, a rollback goes on inside it, and the organization refuses nobody', async () => {
  await withOrganization(2, { dailyRequests: 50, requestWindowMs: 3_600_000 }, 0.4, async () => {
    let loaded = 0;
    const stopped = await (async (): Promise<unknown> => {
      for (; ; loaded += 1)
        try {
          await counting('loadLane', worker(0));
        } catch (error) {
          return error;
        }
    })();
    expect(stopped).toBeInstanceOf(BudgetWait);
    expect((stopped as BudgetWait).message).toMatch(/^crm: \d\d % of 50 calls in 1 h used, goes on at \d\d:\d\d UTC$/);
    expect((stopped as BudgetWait).waitMs).toBeGreaterThan(3_000_000);
    expect(loaded).toBeLessThanOrEqual(30);
    expect(loaded).toBeGreaterThan(20);
    // The other worker's load is stopped by what the first one used.
    await expect(counting('loadLane', worker(1))).rejects.toBeInstanceOf(BudgetWait);
    for (let undone = 0; undone < 15; undone += 1) await counting('undoLane', worker(1));
    expect(await refused()).toBe(0);
    const { windows } = await worker(0).ledger.budgets.of('plan', 'env');
    expect(windows.filter(({ limit }) => limit === 50)).toMatchObject([{ system: 'crm', source: 'system' }]);
  });
});

test('a wait that the organization asks for stops the calls of every worker until then', async () => {
  await withOrganization(2, { dailyRequests: 15_000, requestWindowMs: 86_400_000 }, 0.1, async () => {
    await counting('loadLane', worker(0));
    await counting('loadLane', worker(1));
    await organization.fault(askToWait('2'));
    const pausedAtMs = Date.now();
    await expect(counting('loadLane', worker(0))).rejects.toMatchObject({ kind: 'unavailable', retryAfterMs: 2_000 });
    const before = (await seen()).length;
    await organization.fault(null);
    // The word travels by the ledger's database: it takes a moment.
    await new Promise((resolve) => setTimeout(resolve, 800));
    await Promise.all([counting('loadLane', worker(0)), counting('loadLane', worker(1)), counting('undoLane', worker(1))]);
    const later = (await seen()).slice(before).map(({ at }) => Date.parse(at) - pausedAtMs);
    expect(later).toHaveLength(3);
    for (const ms of later) expect(ms).toBeGreaterThan(1_700);
  });
});

test('a long wait is not waited for in the activity: it is told at once with the time', async () => {
  await withOrganization(1, { dailyRequests: 15_000, requestWindowMs: 86_400_000 }, 0.1, async () => {
    await counting('loadLane', worker(0));
    await organization.fault(askToWait('600'));
    await expect(counting('loadLane', worker(0))).rejects.toMatchObject({ retryAfterMs: 600_000 });
    await organization.fault(null);
    const told = await counting('loadLane', worker(0)).catch((error: unknown) => error);
    expect(told).toBeInstanceOf(BudgetWait);
    expect((told as BudgetWait).message).toMatch(/^crm: it asked all callers to wait, goes on at \d\d:\d\d:\d\d UTC$/);
  });
});

test('a system without a limit costs the ledger nothing call by call, and one with a limit one transaction for a hundred calls', async () => {
  const ledger = openLedger(own.url);
  const asked = { budgets: 0, pauses: 0 };
  /** A part of the ledger that counts what is asked of it. */
  const counted = <Part extends object>(part: Part, name: keyof typeof asked): Part =>
    new Proxy(part, {
      get: (target, key) => {
        asked[name] += 1;
        return (Reflect.get(target, key) as () => unknown).bind(target);
      },
    });
  const meters = new Meters({ ...ledger, budgets: counted(ledger.budgets, 'budgets'), pauses: counted(ledger.pauses, 'pauses') });
  const meter = meters.of({ ref: { planHash: 'plan', envHash: 'env' }, system: 'erp', budget: undefined });
  const call = async (answer: Parameters<Awaited<ReturnType<typeof meter.start>>['end']>[0]): Promise<void> => {
    await meter.ready();
    await (await meter.start('a-system-without-a-limit', true)).end(answer);
  };
  try {
    await call({});
    const first = { ...asked };
    for (let n = 0; n < 1_000; n += 1) await call({});
    expect(asked).toEqual(first);
    let used = 0;
    const told = (): Parameters<typeof call>[0] => ({ count: { used: (used += 1), limit: 100_000, windowMs: 86_400_000 } });
    for (let n = 0; n < 1_000; n += 1) await call(told());
    expect(asked.budgets - first.budgets).toBeLessThanOrEqual(11);
    expect(asked.pauses).toBe(first.pauses);
  } finally {
    await meters.dispose();
    await ledger.close();
  }
});

test('a Tryton, which has no limit, is let alone by every worker for as long as it asked one of them', async () => {
  const erp = await startSandboxTryton();
  const proxy = await startChildServer('sandbox/fault-proxy/main.ts', { FAULT_PROXY_TARGET: erp.url });
  const values = { url: String(proxy.ready['url']), database: erp.database, user: 'cutover', password: erp.passwords.cutover };
  const port = (meter: Meter): TargetPort =>
    createTryton({ adapter: 'tryton', company: companyName, currency: 'USD' }, { system: 'erp', callTimeoutMs: 60_000, values, meter });
  try {
    await withWorkers(2, { url: own.url, system: 'erp', budget: undefined, port }, async (one, other) => {
      await one.port.count('party');
      await other.port.count('party');
      const control = String(proxy.ready['control']);
      await addFault(control, { match: {}, action: 'throttle', headers: { 'retry-after': '2' } });
      const beganMs = performance.now();
      await expect(one.port.count('party')).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 2_000 });
      await clearFaults(control);
      // The word travels by the ledger's database: it takes a moment.
      await new Promise((resolve) => setTimeout(resolve, 800));
      await other.port.count('party');
      expect(performance.now() - beganMs).toBeGreaterThan(1_700);
    });
  } finally {
    await proxy.stop();
    await erp.stop();
  }
});
