import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { addFault, clearFaults, faultHits } from '../../scripts/dev/faults.ts';
import type { FaultRule } from '../../sandbox/fault-proxy/rules.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { broughtIn, startBench, type Bench } from './bench.ts';

let bench: Bench;
let wave: WaveRef;
beforeAll(async () => {
  bench = await startBench();
  wave = await broughtIn(bench, 'east');
  await bench.act.enterShadow(wave);
});
afterEach(() => Promise.all([clearFaults(bench.business.faults.erp), clearFaults(bench.business.faults.crm)]));
afterAll(() => bench.stop());

const fault = (rule: Pick<FaultRule, 'action' | 'times' | 'headers'>): Promise<void> =>
  addFault(bench.business.faults.erp, { match: { bodyIncludes: '.search_read' }, ...rule });

test.each(['serverError', 'throttle', 'reset', 'loseResponse'] as const)(
  'a read that meets %s is asked again where it stands, and what was read before it is not read anew',
  async (action) => {
    await fault({ action, times: 2 });
    expect(await bench.act.verifyWave(wave)).toMatchObject({ unexplained: 0 });
    expect(await faultHits(bench.business.faults.erp)).toBe(2);
  },
);

test('a system that goes on failing is told after some tries, with its own words', async () => {
  await fault({ action: 'serverError' });
  await expect(bench.act.verifyWave(wave)).rejects.toThrow(/was answered with status 503/);
});

test('a long wait that the system asks for is told at once: the workflow waits for it', async () => {
  await fault({ action: 'throttle', times: 1, headers: { 'retry-after': '600' } });
  await expect(bench.act.verifyWave(wave)).rejects.toThrow(/Try again in 600 s/);
  expect(await faultHits(bench.business.faults.erp)).toBe(1);
});
