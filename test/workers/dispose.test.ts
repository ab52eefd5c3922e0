import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFault, clearFaults, faultHits } from '../../scripts/dev/faults.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { openLedger } from '../../ledger/ledger.ts';
import { connectSystems } from '../../workers/systems.ts';
import { inActivity } from '../activities/alone.ts';
import { startBench, type Bench } from '../activities/bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ waves: 2 });
});
afterAll(() => bench.stop());

/** Leases of calls to the CRM that stand in the ledger, by id. */
async function leases(): Promise<ReadonlySet<string>> {
  const { windows } = await bench.ledger.budgets.of(bench.ref.planHash, bench.ref.envHash);
  return new Set(windows.filter(({ system }) => system === 'crm').flatMap((window) => window.leases.map(({ id }) => id)));
}

/** Leases that were taken since; one of before may have run out meanwhile. */
async function leasesSince(before: ReadonlySet<string>): Promise<readonly string[]> {
  return [...(await leases())].filter((id) => !before.has(id));
}

/** Connections that listen for waits in the ledger's database. */
async function listeners(): Promise<number> {
  const [rows] = await askDatabase(bench.business.ledgerUrl, [
    `select count(*)::int as many from pg_stat_activity where datname = current_database() and (query ilike 'listen cutover_pause' or query ilike '%from pause where until%') and pid <> pg_backend_pid()`,
  ]);
  return Number(rows?.[0]?.['many']);
}

/** A second worker that has read both new systems, and how it ends. */
async function secondWorker(): Promise<{ readonly end: () => Promise<void> }> {
  const ledger = openLedger(bench.business.ledgerUrl);
  const connected = connectSystems(ledger, (name) => bench.business.environment[name]);
  const sys = await connected.systems(bench.ref);
  await inActivity(() => sys.target('erp').count('party'), 1, 'judgeGuards');
  // The first answer tells of the limit; the second call is taken from a lease.
  for (const object of ['account', 'lead']) await inActivity(() => sys.target('crm').count(object), 1, 'judgeGuards');
  await expect(connected.systems({ ...bench.ref, planHash: 'f'.repeat(64) })).rejects.toThrow(/holds no plan/);
  return {
    end: async () => {
      await connected.dispose();
      await ledger.close();
    },
  };
}

test('a worker that ends gives its calls back and listens no longer, also where a run was never entered', async () => {
  const [before, heardBefore] = [await leases(), await listeners()];
  const { end } = await secondWorker();
  expect(await leasesSince(before)).toHaveLength(1);
  expect(await listeners()).toBe(heardBefore + 1);
  await end();
  expect(await leasesSince(before)).toEqual([]);
  expect(await listeners()).toBe(heardBefore);
});

test('a worker ends the same way where the new system takes no end of its session any more', async () => {
  const { erp, crm } = bench.business.faults;
  const [before, heardBefore] = [await leases(), await listeners()];
  const { end } = await secondWorker();
  for (const control of [erp, crm]) await addFault(control, { match: {}, action: 'reset' });
  const met = await faultHits(erp);
  await end();
  expect(await faultHits(erp)).toBeGreaterThan(met);
  for (const control of [erp, crm]) await clearFaults(control);
  expect(await leasesSince(before)).toEqual([]);
  expect(await listeners()).toBe(heardBefore);
});
