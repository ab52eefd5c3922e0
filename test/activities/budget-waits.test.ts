import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import { BudgetWait, waitsForBudget } from '../../contracts/calls.ts';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { addFault, clearFaults } from '../../scripts/dev/faults.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { smallWaves } from '../support/small-plan.ts';
import { inActivity } from './alone.ts';
import { dying, startBench, type Bench } from './bench.ts';

let bench: Bench;
let pilot: WaveRef;
const gateOf = (ref: WaveRef) => ({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' }) as const;
const waits = { type: waitsForBudget };

/** A wave at its gate, whose limits are measured the other way round: the equations, which the facts hold as well, last. */
beforeAll(async () => {
  const plan = ({ gates }: Record<string, unknown>): void => {
    (gates as { readonly switch: { readonly limits: unknown[] } }).switch.limits.reverse();
  };
  bench = await startBench({ waves: 2, plan });
  pilot = bench.wave('pilot');
  await bench.act.openWave(pilot);
  await bench.act.enterShadow(pilot);
  await bench.act.freezeWave(pilot);
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  await bench.act.openGate(gateOf(pilot));
}, 120_000);
afterAll(() => bench.stop());

/** The systems of the bench, of which one takes a single read of records less. */
function oneReadLess(deps: Deps): Deps['systems'] {
  let isUsedUp = true;
  const read = (port: TargetPort, ...asked: Parameters<TargetPort['get']>): ReturnType<TargetPort['get']> => {
    if (!isUsedUp) return port.get(...asked);
    isUsedUp = false;
    return Promise.reject(new BudgetWait('erp: 100 % of 100 calls in 1 h used', 'erp', 60_000));
  };
  return async (ref) => {
    const sys = await deps.systems(ref);
    const target = (system: string): TargetPort =>
      new Proxy(sys.target(system), {
        get: (port, name) =>
          name === 'get' ? (...asked: Parameters<TargetPort['get']>) => read(port, ...asked) : (Reflect.get(port, name) as unknown),
      });
    return { ...sys, target };
  };
}

test('a metric that meets a used up limit is waited for, and not told as one that could not be measured, though the next call is let through', async () => {
  await expect(dying(bench, { systems: oneReadLess(bench.deps) }).openGate(gateOf(pilot))).rejects.toMatchObject(waits);
  expect((await bench.act.openGate(gateOf(pilot))).shut).toEqual([]);
});

describe('while the new system, which has asked all callers to wait, takes no call', () => {
  beforeAll(async () => {
    const { erp } = bench.business.faults;
    await addFault(erp, { match: {}, action: 'throttle', headers: { 'retry-after': '600' } });
    const sys = await bench.deps.systems(bench.ref);
    await expect(inActivity(() => sys.target('erp').count('party'))).rejects.toMatchObject({ kind: 'throttled' });
    await clearFaults(erp);
  });

  test('the opening of a gate waits', async () => {
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
});
