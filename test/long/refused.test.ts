import { expect, test } from 'vitest';
import { addFault, clearFaults, faultHits, trytonRefusal } from '../../scripts/dev/faults.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Driver } from '../support/arena/driver.ts';
import { references } from '../support/arena/expectations.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';

const arena = useArena({ goesOn: true });
/** Breaches are what these tests wait for. */
const guardEvery = '4s';
let refused: Driver;

test('a wave whose every order is refused is tried as often as the plan allows, each after a go and a longer pause; then the run is held, and says how it goes on', async () => {
  const pauseMs = 1_000;
  refused = await arena.open('refused', {
    faults: true,
    waves: 2,
    timings: { retryPause: `${String(pauseMs)}ms`, guardEvery, soak: '6s' },
    plan: ({ gates }) => void ((gates as { retry: { maxAttempts: number } }).retry.maxAttempts = 2),
  });
  const driver = refused;
  const { business, ledger } = driver;
  await driver.start();
  await driver.atGate('baseline');
  for (const order of pilotOrders)
    await addFault(business.faults.erp, {
      match: { bodyIncludes: `"reference":"${order}"` },
      action: 'reject',
      status: 200,
      body: trytonRefusal,
    });
  await driver.pass('baseline');
  const votedOn = new Set<string>();
  /** Goes at the retry gate after this many attempts; the next one begins no sooner than its pause allows. */
  const tryAgain = async (tried: number): Promise<void> => {
    const { factsHash } = await driver.atGate('retry-pilot');
    votedOn.add(factsHash);
    const gate = await driver.cli('gate', driver.run, 'retry-pilot');
    expect(gate.stdout).toContain(`Attempt ${String(tried)} of the wave was taken back`);
    expect(gate.stdout).toMatch(/Undone: [1-9]\d* writes\. Kept: 0\./);
    for (const order of pilotOrders) expect(gate.stdout).toMatch(new RegExp(`order ${order}, .*The value is not valid for this field`));
    const decidedMs = Date.now();
    await driver.pass('retry-pilot');
    await driver.until('the next attempt', ({ wave, step }) => wave === 'pilot' && step !== 'rolled back');
    const began = (await ledger.trail.events(driver.run)).findLast(({ kind, wave }) => kind === 'attempt' && wave === 'pilot');
    expect(began?.detail['attempt']).toBe(tried + 1);
    expect((began?.at.getTime() ?? 0) - decidedMs).toBeGreaterThanOrEqual(tried * pauseMs);
  };
  await driver.atGate('retry-pilot');
  const first = await faultHits(business.faults.erp);
  expect(first).toBeGreaterThan(0);
  await tryAgain(1);
  const { held } = await driver.until('held', (status) => status.held !== null);
  expect(held).toContain('wave pilot has been tried 2 times');
  const status = await driver.cli('status', driver.run);
  expect(status.stdout).toContain('then a resume allows one attempt more');
  expect(status.stdout).toMatch(new RegExp(`Next: .* resume ${driver.run} `));
  // The second attempt asked the target too, how often hangs on the moment of the breach; and nothing more is tried while nobody acts.
  const second = await faultHits(business.faults.erp);
  expect(second).toBeGreaterThan(first);
  await new Promise((resolve) => setTimeout(resolve, 3 * pauseMs));
  expect(await faultHits(business.faults.erp)).toBe(second);
  expect(await ledger.waves.get(driver.run, 'pilot')).toMatchObject({ attempt: 2 });
  expect(await erpTable(business, 'sale.sale')).toEqual([]);
  await clearFaults(business.faults.erp);
  expect((await driver.resume()).state).toBe('accepted');
  await tryAgain(2);
  // The same was wrong both times, and still a vote on the one is no vote on the other.
  expect(votedOn.size).toBe(2);
  await driver.atGate('switch-pilot');
  expect(references(await erpTable(business, 'sale.sale'))).toEqual([...pilotOrders].sort());
});

test('rolls a wave back by itself when its load fails too often, to the very records before it, and goes through at attempt 2', async () => {
  const driver = refused;
  const { business } = driver;
  await driver.pass('switch-pilot');
  for (const account of ['SIMOB', 'RICSU', 'LINOD'])
    await addFault(business.faults.erp, {
      match: { bodyIncludes: `"code":"${account}"` },
      action: 'reject',
      status: 200,
      body: trytonRefusal,
    });
  await driver.until('the pilot soaks or the next wave begins', ({ wave, step }) => wave === 'east' || step === 'soak');
  const before = await erpTables(business);
  const waiting = await driver.atGate('retry-east');
  expect(await faultHits(business.faults.erp)).toBeGreaterThan(2);
  expect(differences(before, await erpTables(business))).toEqual([]);
  await inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'SIMOB'`);
  const [breach] = (await driver.ledger.guards.all(driver.run)).filter(({ verdict, wave }) => verdict === 'breach' && wave === 'east');
  expect(breach).toMatchObject({ guard: 'write-errors', wave: 'east', answer: 'rollback', k: 3 });
  expect(breach?.reason).toContain('customer');
  expect(waiting.attempt).toBe(1);
  await clearFaults(business.faults.erp);
  for (const gate of ['retry-east', 'switch-east']) await driver.pass(gate);
  await driver.atGate('close');
  const active = (await erpTable(business, 'sale.sale')).filter(({ state }) => state === 'processing');
  expect(references(active)).toEqual([...pilotOrders, '11039', '11054', '11074', '11075', '11076'].sort());
  await driver.keepHistories('retried');
});
