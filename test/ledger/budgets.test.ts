import { afterAll, beforeAll, expect, test } from 'vitest';
import { Purse } from '../../activities/budget/purse.ts';
import type { Exchange, Exchanged } from '../../ledger/budgets.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import type { Pause } from '../../ledger/pauses.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';

let own: OwnLedger;
let ledgers: readonly [Ledger, Ledger];
beforeAll(async () => {
  own = await ownLedger();
  ledgers = [openLedger(own.url), openLedger(own.url)];
});
afterAll(async () => {
  for (const ledger of ledgers) await ledger.close();
  await own.drop();
});

const hour = 3_600_000;
/** What a plan says: a limit of its own, or only that nothing is kept of what the system counts. */
const hourly = { windows: [{ calls: 100, per: hour }], reserve: 0 };
const unreserved = { windows: [], reserve: 0 };
const use = (instance: string): Parameters<Ledger['budgets']['declare']>[0] => ({ plan: 'plan', env: 'env', system: 'crm', instance });

function asks(instance: string, lease: string, changes: Partial<Exchange> = {}): Exchange {
  const ask = { kind: 'load', holdMs: () => 60_000 } as const;
  return { instance, budget: hourly, report: { lease, used: 0, kept: 0 }, seen: null, ask, ...changes };
}

/** Until a pause of this instance was heard; a test that waits in vain fails by its time limit. */
async function hears(heard: readonly Pause[], instance: string): Promise<void> {
  while (!heard.some((pause) => pause.instance === instance)) await new Promise((resolve) => setTimeout(resolve, 20));
}

const given = ({ grant }: Exchanged): number => grant.calls;

test('two workers that race for the last calls get no more than there are, and both hear when to ask again', async () => {
  await ledgers[0].budgets.declare(use('race'), hourly);
  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, n) => (ledgers[n % 2] as Ledger).budgets.exchange(asks('race', `lease-${String(n)}`))),
  );
  const total = answers.map(given).reduce((sum, calls) => sum + calls, 0);
  // The load leaves 2 of 100 to what is more urgent, and is slowed from 80 on.
  expect(total).toBe(80);
  const refused = answers.filter((answer) => given(answer) === 0);
  expect(refused).toHaveLength(40);
  for (const { grant, nowMs } of refused) expect('waitUntilMs' in grant && grant.waitUntilMs > nowMs).toBe(true);
  const urgent = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      (ledgers[n % 2] as Ledger).budgets.exchange(asks('race', `undo-${String(n)}`, { ask: { kind: 'rollback', holdMs: () => 60_000 } })),
    ),
  );
  expect(urgent.map(given).reduce((sum, calls) => sum + calls, 0)).toBe(20);
});

test('what a system tells of its count is kept for all workers, and what a worker gives back may be had at once', async () => {
  const [one, other] = ledgers;
  const seen = { used: 190, limit: 200, counted: 0, ageMs: 5, lengthMs: hour };
  expect(given(await one.budgets.exchange(asks('counted', 'a', { budget: unreserved, seen })))).toBe(0);
  expect(given(await other.budgets.exchange(asks('counted', 'b', { budget: unreserved })))).toBe(0);
  const less = await one.budgets.exchange(asks('counted', 'a', { budget: unreserved, seen: { ...seen, used: 100 } }));
  expect(given(less)).toBe(4);
  const { windows } = await other.budgets.of('plan', 'env');
  expect(windows.filter(({ instance }) => instance === 'counted')).toEqual([]);
  await other.budgets.declare(use('counted'), unreserved);
  const [row] = (await other.budgets.of('plan', 'env')).windows.filter(({ instance }) => instance === 'counted');
  expect(row).toMatchObject({ system: 'crm', source: 'system', limit: 200, others: { calls: 100 }, leases: [{ id: 'a', calls: 4 }] });
  await one.budgets.exchange(asks('counted', 'a', { report: { lease: 'a', used: 1, kept: 0 }, ask: null }));
  const [after] = (await other.budgets.of('plan', 'env')).windows.filter(({ instance }) => instance === 'counted');
  expect(after).toMatchObject({ booked: 1, leases: [], spent: [{ calls: 1 }] });
});

test('a reserve that a plan raises holds at once for a limit that the system counts', async () => {
  const [one] = ledgers;
  const seen = { used: 0, limit: 100, counted: 0, ageMs: 5, lengthMs: hour };
  const stored = async (): Promise<number | undefined> =>
    (await one.budgets.of('plan', 'env')).windows.find(({ instance }) => instance === 'raised')?.reserve;
  await one.budgets.exchange(asks('raised', 'a', { budget: { windows: [] }, seen }));
  await one.budgets.declare(use('raised'), { windows: [], reserve: 0.3 });
  expect(await stored()).toBe(0.3);
  await one.budgets.exchange(asks('raised', 'a', { budget: { windows: [], reserve: 0.5 }, seen }));
  expect(await stored()).toBe(0.5);
});

test('a process that gives calls back and asks for more at the same time books its calls once', async () => {
  const [one] = ledgers;
  await one.budgets.declare(use('purse'), hourly);
  const purse = new Purse({ ledger: one, instance: 'purse', kind: 'live', budget: hourly });
  await purse.fill();
  for (const ticket of [purse.take(), purse.take()]) if (ticket !== null) purse.put(ticket, {});
  await Promise.all([purse.empty(), purse.fill()]);
  const [row] = (await one.budgets.of('plan', 'env')).windows.filter(({ instance }) => instance === 'purse');
  expect(row).toMatchObject({ booked: 2, leases: [{ calls: 2 }] });
  await purse.empty();
});

test('a wait that a system asks for is heard by every worker, also by one that begins later or whose connection was cut', async () => {
  const heard: Pause[] = [];
  await ledgers[0].pauses.place({ instance: 'before', leftMs: 60_000 });
  const stop = await ledgers[1].pauses.listen((pause) => heard.push(pause));
  expect(heard.map(({ instance }) => instance)).toEqual(['before']);
  await ledgers[0].pauses.place({ instance: 'now', leftMs: 60_000 });
  await hears(heard, 'now');
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database() and query ilike '%from pause where until%'`;
  await askDatabase(own.url, [cut]);
  await ledgers[0].pauses.place({ instance: 'cut', leftMs: 60_000 });
  await hears(heard, 'cut');
  await stop();
  // A shorter wait does not cut a longer one short.
  await ledgers[0].pauses.place({ instance: 'now', leftMs: 10 });
  const again: Pause[] = [];
  await (
    await ledgers[0].pauses.listen((pause) => again.push(pause))
  )();
  expect(again.find(({ instance }) => instance === 'now')?.leftMs).toBeGreaterThan(30_000);
});
