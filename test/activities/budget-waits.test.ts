import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { waitsForBudget } from '../../contracts/calls.ts';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { addFault, clearFaults } from '../../scripts/dev/faults.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { smallWaves } from '../support/small-plan.ts';
import { inActivity } from './alone.ts';
import { startBench, type Bench } from './bench.ts';

let bench: Bench;
let pilot: WaveRef;
const gateOf = (ref: WaveRef) => ({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' }) as const;
const waits = { type: waitsForBudget };

/** A wave at its gate, and a new system that has asked all callers to wait for ten minutes. */
beforeAll(async () => {
  bench = await startBench({ waves: 2 });
  pilot = bench.wave('pilot');
  await bench.act.openWave(pilot);
  await bench.act.freezeWave(pilot);
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  await bench.act.openGate(gateOf(pilot));
  const { erp } = bench.business.faults;
  await addFault(erp, { match: {}, action: 'throttle', headers: { 'retry-after': '600' } });
  const sys = await bench.deps.systems(bench.ref);
  await expect(inActivity(() => sys.target('erp').count('party'))).rejects.toMatchObject({ kind: 'throttled' });
  await clearFaults(erp);
}, 120_000);
afterAll(() => bench.stop());

test('the opening of a gate waits for a system that takes no more calls', async () => {
  await expect(bench.act.openGate(gateOf(pilot))).rejects.toMatchObject(waits);
});

test('a preflight waits, and the system is no problem of the run', async () => {
  await expect(bench.act.preflight(bench.ref)).rejects.toMatchObject(waits);
});

test('a switch waits before it seals: legacy is under a lease that ends', async () => {
  await expect(bench.act.sealWave(pilot)).rejects.toMatchObject(waits);
  const states = await (await bench.deps.systems(bench.ref)).source.freezeStates([...smallWaves.pilot]);
  expect(states.map(({ sealed }) => sealed)).toEqual(smallWaves.pilot.map(() => false));
});

test('the watcher goes on, and no read counts as failed', async () => {
  await bench.act.judgeGuards(bench.ref);
  const [rows] = await askDatabase(bench.business.ledgerUrl, ['select count(*)::int as failed from measurement where error is not null']);
  expect(rows?.[0]).toEqual({ failed: 0 });
});
