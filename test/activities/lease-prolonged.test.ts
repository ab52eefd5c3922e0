import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { inLegacy } from '../support/arena/people.ts';
import { startBench, type Bench } from './bench.ts';

const [leaseMs, atMostMs] = [12_000, 18_000];
/** How far the ledger's reading of the age and legacy's taking of the longer lease may lie apart. */
const slackMs = 4_000;

let bench: Bench;
let pilot: WaveRef;

beforeAll(async () => {
  bench = await startBench({
    plan: (plan) => {
      const { switch: gate } = plan['gates'] as { readonly switch: Record<string, unknown> };
      Object.assign(gate, { deadline: '5s', reminder: '1s' });
    },
    timings: { lease: `${String(leaseMs)}ms`, leaseAtMost: `${String(atMostMs)}ms` },
  });
  pilot = await bench.bringIn('pilot');
});
afterAll(() => bench.stop());

/** When the freeze of the pilot ends, and the time now, both by legacy's own clock. */
async function lease(): Promise<{ readonly untilMs: number; readonly nowMs: number }> {
  const [row] = await inLegacy(
    bench.business,
    'admin',
    `select extract(epoch from min(lease_until)) * 1000 as until, extract(epoch from clock_timestamp()) * 1000 as now from cutover.freeze where not sealed`,
  );
  return { untilMs: Number(row?.['until']), nowMs: Number(row?.['now']) };
}

const look = (): Promise<unknown> => bench.act.judgeGuards(bench.ref);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until less than three quarters of a lease are left. */
async function untilDue(): Promise<void> {
  for (let now = await lease(); now.untilMs - now.nowMs > 0.7 * leaseMs; now = await lease()) await pause(100);
}

test('the watcher prolongs the lease of a wave that is worked on, and never beyond what the env allows', async () => {
  await bench.act.freezeWave(pilot);
  const first = (await lease()).untilMs;
  const ends: number[] = [];
  for (let now = await lease(); now.nowMs < now.untilMs; now = await lease()) {
    await look();
    ends.push((await lease()).untilMs);
    await pause(200);
  }
  expect(ends[0]).toBe(first);
  expect(ends).toEqual([...ends].sort((one, other) => one - other));
  const last = ends.at(-1) ?? 0;
  expect(last - first).toBeGreaterThan(atMostMs - leaseMs - slackMs);
  expect(last - first).toBeLessThan(atMostMs - leaseMs + slackMs);
  // A lease that has ended is not brought back, and that is no breach: legacy takes writes again, and the wave freezes anew.
  await look();
  expect((await lease()).untilMs).toBe(last);
  await inLegacy(bench.business, 'app', `update customers set phone = phone where customer_id = 'ALFKI'`);
  expect((await bench.ledger.holds.standing(bench.ref.run)).holds).toEqual([]);
}, 90_000);

test('while its gate is open the lease of a wave stays as it is, and is prolonged again once that has ended', async () => {
  await bench.act.freezeWave(pilot);
  const call = { ...bench.ref, gate: gateNames.switch('pilot'), kind: 'switch', wave: 'pilot' } as const;
  const { attempt } = await bench.act.openGate(call);
  const { untilMs } = await lease();
  await untilDue();
  await look();
  expect((await lease()).untilMs).toBe(untilMs);
  await bench.act.leaveGate(call, attempt, 'moot');
  await look();
  expect((await lease()).untilMs).toBeGreaterThan(untilMs);
}, 90_000);
