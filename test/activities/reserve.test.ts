import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { callsToUndo, undoBatchSize } from '../../domain/budget/undo.ts';
import type { JournalEntry } from '../../sandbox/journal.ts';
import { startBench, storePlan, type Bench } from './bench.ts';

let bench: Bench;

/** A plan whose CRM keeps this share of its 15,000 calls, and of further limits, for rollbacks. */
const reserving =
  (reserve: number, windows: readonly { readonly calls: number; readonly per: string }[] = []) =>
  ({ systems }: Readonly<Record<string, unknown>>): void =>
    void Object.assign((systems as Record<string, object>)['crm'] ?? {}, { budget: { reserve, windows } });

/** A business whose plan is this one. */
function useBench(plan: (plan: Record<string, unknown>) => void): void {
  beforeAll(async () => {
    bench = await startBench({ plan });
  });
  afterAll(() => bench.stop());
}

/** What preflight says of another plan for the same business. */
async function problemsOf(plan: (plan: Record<string, unknown>) => void): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const { planHash } = await storePlan(bench.ledger, folder, { plan }, 1);
  await rm(folder, { recursive: true, force: true });
  return bench.act.preflight({ ...bench.ref, planHash });
}

/** From now on the CRM of this plan takes so many calls an hour. */
async function takesOnly(calls: number): Promise<void> {
  const { ledger, ref } = bench;
  const { windows } = await ledger.budgets.of(ref.planHash, ref.envHash);
  const { instance } = windows.find(({ source }) => source === 'plan') ?? { instance: '' };
  await ledger.budgets.declare(
    { plan: ref.planHash, env: ref.envHash, system: 'crm', instance },
    { windows: [{ calls, per: 3_600_000 }], reserve: 0.1 },
  );
}

/** How many calls the runner has made of a system, by the system's own journal. */
async function callsOf(system: 'erp' | 'crm'): Promise<number> {
  const answer = await fetch(`${bench.business[system].url}/_sandbox/journal`);
  return ((await answer.json()) as readonly JournalEntry[]).filter(({ user }) => user?.startsWith('cutover') === true).length;
}

/** The plan with a misspelled object of the CRM for the one whose pointer the switch moves. */
function withoutSuchAccounts(plan: Record<string, unknown>): void {
  reserving(0.1)(plan);
  const found = (plan['objects'] as { name: string; target: { object: string } }[]).find(({ name }) => name === 'crmAccount');
  if (found) found.target.object = 'accounts';
}

test('preflight refuses a plan whose way back from all waves the reserve would not pay for, with the limit, the need and the remedy', async () => {
  await expect(startBench({ plan: reserving(0.003) })).rejects.toThrow(
    /^crm: taking back all 8 records of the plan could need 60 calls, and 45 of 15,000 are reserved for it\. Raise systems\.crm\.budget\.reserve in the plan to 0\.004, or have the limit of crm raised\.$/,
  );
});

describe('a reserve of a tenth', () => {
  useBench(reserving(0.1, [{ calls: 10_000, per: '1h' }]));
  afterEach(() => takesOnly(10_000));

  test('a plan that names an object its target does not have is told so, with all else that was found, and its reserve is not reckoned', async () => {
    expect(await problemsOf(withoutSuchAccounts)).toEqual([
      expect.stringMatching(/^crmAccount: crm: this adapter has no object "accounts"/),
    ]);
  });

  test('a wave does not begin where the reserve would not pay for taking everything back; it says the figures and what to do', async () => {
    await takesOnly(300);
    await expect(bench.act.openWave(bench.wave('pilot'))).rejects.toThrow(
      'crm: taking back the 0 records written so far and the 3 of this wave could need 50 calls, and 30 of 300 are reserved for it. Raise systems.crm.budget.reserve in the plan to 0.167, or move fewer accounts with the wave.',
    );
    expect((await bench.ledger.waves.get(bench.ref.run, 'pilot')).state).toBe('planned');
  });

  describe('once the pilot has switched', () => {
    beforeAll(async () => {
      await bench.switchOver(await bench.bringIn('pilot'));
    });

    test('what the run has written counts with the wave that begins', async () => {
      await takesOnly(300);
      await expect(bench.act.openWave(bench.wave('east'))).rejects.toThrow(
        /^crm: taking back the 3 records written so far and the 3 of this wave could need 60 calls, and 30 of 300 are reserved for it\./,
      );
    });

    test('preflight does not count what earlier runs have switched: nothing of it is written or taken back any more', async () => {
      await takesOnly(300);
      expect(await bench.act.preflight(bench.ref)).toEqual([
        expect.stringMatching(/^crm: taking back all 5 records of the plan could need 60 calls, and 30 of 300 are reserved for it\./),
      ]);
    });

    // The last one, because it takes the pilot back.
    test('a rollback makes no more calls than it is reckoned with', async () => {
      const ref = bench.wave('pilot');
      const before = [await callsOf('erp'), await callsOf('crm')];
      await bench.takeBack(ref);
      const made = [(await callsOf('erp')) - (before[0] ?? 0), (await callsOf('crm')) - (before[1] ?? 0)];
      const systems = await bench.deps.systems(bench.ref);
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
  });
});

describe('a limit of some minutes', () => {
  useBench(reserving(0.3, [{ calls: 100, per: '5m' }]));

  test('a limit that soon refills, and one that only another plan declares, keep no wave from its begin', async () => {
    const { act, ledger, ref } = bench;
    const { windows } = await ledger.budgets.of(ref.planHash, ref.envHash);
    expect(windows).toContainEqual(expect.objectContaining({ lengthMs: 300_000, limit: 100 }));
    const { instance } = windows.find(({ source }) => source === 'system') ?? { instance: '' };
    const another = { plan: 'another', env: 'another', system: 'crm', instance };
    await ledger.budgets.declare(another, { windows: [{ calls: 100, per: 7_200_000 }], reserve: 0.3 });
    expect(await act.openWave(bench.wave('pilot'))).toBe('begun');
  });
});
