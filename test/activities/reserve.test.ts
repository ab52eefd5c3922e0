import { afterEach, expect, test } from '@jest/globals';
import { startBench, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** A bench whose CRM keeps this share of its 15,000 calls, and of further limits, for rollbacks. */
async function reserving(reserve: number, windows: readonly { readonly calls: number; readonly per: string }[] = []): Promise<Bench> {
  bench = await startBench({
    plan: ({ systems }) => void Object.assign((systems as Record<string, object>)['crm'] ?? {}, { budget: { reserve, windows } }),
  });
  return bench;
}

test('a wave does not begin where the calls reserved for a rollback would not pay for taking everything back; it says the figures and what to do', async () => {
  const { act, ledger, ref } = await reserving(0.002);
  await expect(act.openWave(bench.wave('pilot'))).rejects.toThrow(
    'crm: taking back the 0 records written so far and the 3 of this wave could need 32 calls, and 30 of 15,000 are reserved for it. Raise systems.crm.budget.reserve in the plan to 0.003, or move fewer accounts with the wave.',
  );
  expect((await ledger.waves.get(ref.run, 'pilot')).state).toBe('planned');
});

test('what the run has written counts with the wave that begins', async () => {
  const { act } = await reserving(0.0025);
  await bench.switchOver(await bench.bringIn('pilot'));
  await expect(act.openWave(bench.wave('east'))).rejects.toThrow(
    /^crm: taking back the 3 records written so far and the 3 of this wave could need 44 calls, and 38 of 15,000 are reserved for it\./,
  );
});

test('a limit that soon refills, and one that only another plan declares, keep no wave from its begin', async () => {
  const { act, ledger, ref } = await reserving(0.3, [{ calls: 100, per: '5m' }]);
  const { windows } = await ledger.budgets.of(ref.planHash, ref.envHash);
  expect(windows).toContainEqual(expect.objectContaining({ lengthMs: 300_000, limit: 100 }));
  const { instance } = windows.find(({ source }) => source === 'system') ?? { instance: '' };
  const another = { plan: 'another', env: 'another', system: 'crm', instance };
  await ledger.budgets.declare(another, { windows: [{ calls: 100, per: 7_200_000 }], reserve: 0.3 });
  expect(await act.openWave(bench.wave('pilot'))).toBe('begun');
});
