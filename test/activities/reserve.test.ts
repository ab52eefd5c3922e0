import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { callsToUndo, undoBatchSize } from '../../domain/budget/undo.ts';
import type { JournalEntry } from '../../sandbox/journal.ts';
import { startBench, storePlan, type Bench } from './bench.ts';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

/** A bench whose CRM keeps this share of its 15,000 calls, and of further limits, for rollbacks. */
async function reserving(reserve: number, windows: readonly { readonly calls: number; readonly per: string }[] = []): Promise<Bench> {
  return (bench = await startBench({
    plan: ({ systems }) => void Object.assign((systems as Record<string, object>)['crm'] ?? {}, { budget: { reserve, windows } }),
  }));
}

/** From now on the CRM of this plan takes so many calls an hour. */
async function takesOnly({ ledger, ref }: Bench, calls: number): Promise<void> {
  const { windows } = await ledger.budgets.of(ref.planHash, ref.envHash);
  const { instance } = windows.find(({ source }) => source === 'plan') ?? { instance: '' };
  await ledger.budgets.declare(
    { plan: ref.planHash, env: ref.envHash, system: 'crm', instance },
    { windows: [{ calls, per: 3_600_000 }], reserve: 0.1 },
  );
}

test('preflight refuses a plan whose way back from all waves the reserve would not pay for, with the limit, the need and the remedy', async () => {
  await expect(reserving(0.003)).rejects.toThrow(
    /^crm: taking back all 8 records of the plan could need 60 calls, and 45 of 15,000 are reserved for it\. Raise systems\.crm\.budget\.reserve in the plan to 0\.004, or have the limit of crm raised\.$/,
  );
});

test('a wave does not begin where the reserve would not pay for taking everything back; it says the figures and what to do', async () => {
  const it = await reserving(0.1, [{ calls: 10_000, per: '1h' }]);
  await takesOnly(it, 300);
  await expect(it.act.openWave(it.wave('pilot'))).rejects.toThrow(
    'crm: taking back the 0 records written so far and the 3 of this wave could need 50 calls, and 30 of 300 are reserved for it. Raise systems.crm.budget.reserve in the plan to 0.167, or move fewer accounts with the wave.',
  );
  expect((await it.ledger.waves.get(it.ref.run, 'pilot')).state).toBe('planned');
});

test('what the run has written counts with the wave that begins', async () => {
  const it = await reserving(0.1, [{ calls: 10_000, per: '1h' }]);
  await it.switchOver(await it.bringIn('pilot'));
  await takesOnly(it, 300);
  await expect(it.act.openWave(it.wave('east'))).rejects.toThrow(
    /^crm: taking back the 3 records written so far and the 3 of this wave could need 60 calls, and 30 of 300 are reserved for it\./,
  );
});

test('preflight does not count what earlier runs have switched: nothing of it is written or taken back any more', async () => {
  const it = await reserving(0.1, [{ calls: 10_000, per: '1h' }]);
  await it.switchOver(await it.bringIn('pilot'));
  await takesOnly(it, 300);
  expect(await it.act.preflight(it.ref)).toEqual([
    expect.stringMatching(/^crm: taking back all 5 records of the plan could need 60 calls, and 30 of 300 are reserved for it\./),
  ]);
});

test('a plan that names an object its target does not have is told so, with all else that was found, and its reserve is not reckoned', async () => {
  const it = await reserving(0.1);
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const { planHash } = await storePlan(it.ledger, folder, { plan: withoutSuchAccounts }, 1);
  await rm(folder, { recursive: true, force: true });
  expect(await it.act.preflight({ ...it.ref, planHash })).toEqual([
    expect.stringMatching(/^crmAccount: crm: this adapter has no object "accounts"/),
  ]);
});

/** The plan with a misspelled object of the CRM for the one whose pointer the switch moves. */
function withoutSuchAccounts({ objects }: Readonly<Record<string, unknown>>): void {
  const found = (objects as { name: string; target: { object: string } }[]).find(({ name }) => name === 'crmAccount');
  if (found) found.target.object = 'accounts';
}

test('a limit that soon refills, and one that only another plan declares, keep no wave from its begin', async () => {
  const it = await reserving(0.3, [{ calls: 100, per: '5m' }]);
  const { act, ledger, ref } = it;
  const { windows } = await ledger.budgets.of(ref.planHash, ref.envHash);
  expect(windows).toContainEqual(expect.objectContaining({ lengthMs: 300_000, limit: 100 }));
  const { instance } = windows.find(({ source }) => source === 'system') ?? { instance: '' };
  const another = { plan: 'another', env: 'another', system: 'crm', instance };
  await ledger.budgets.declare(another, { windows: [{ calls: 100, per: 7_200_000 }], reserve: 0.3 });
  expect(await act.openWave(it.wave('pilot'))).toBe('begun');
});

/** How many calls the runner has made of a system, by the system's own journal. */
async function callsOf({ business }: Bench, system: 'erp' | 'crm'): Promise<number> {
  const answer = await fetch(`${business[system].url}/_sandbox/journal`);
  return ((await answer.json()) as readonly JournalEntry[]).filter(({ user }) => user?.startsWith('cutover') === true).length;
}

test('a rollback makes no more calls than it is reckoned with', async () => {
  const it = await reserving(0.1);
  const ref = await it.bringIn('pilot');
  await it.switchOver(ref);
  const before = [await callsOf(it, 'erp'), await callsOf(it, 'crm')];
  await it.takeBack(ref);
  const made = [(await callsOf(it, 'erp')) - (before[0] ?? 0), (await callsOf(it, 'crm')) - (before[1] ?? 0)];
  const systems = await it.deps.systems(it.ref);
  const reckoned = (system: string, written: Readonly<Record<string, number>>): number => {
    const { objects, batchSize, callsPerUndoBatch } = systems.target(system).capabilities;
    const some = Object.entries(written).flatMap(([name, records]) => {
      const object = objects[name];
      return object === undefined ? [] : [{ records, batchSize: undoBatchSize({ batchSize, ...object }) }];
    });
    return callsToUndo(some, 1, callsPerUndoBatch) + 20;
  };
  expect(made[0]).toBeLessThanOrEqual(reckoned('erp', { party: 3, sale: 3 }));
  expect(made[1]).toBeLessThanOrEqual(reckoned('crm', { account: 3 }));
  expect(made.every((calls) => calls > 3)).toBe(true);
});
