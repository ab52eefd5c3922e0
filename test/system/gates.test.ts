import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Driver } from '../support/arena/driver.ts';
import { references } from '../support/arena/expectations.ts';
import { crmTable, erpTable } from '../support/arena/people.ts';
import { recoverHere } from '../support/arena/ending.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;

test('records wrong, stale, repeated and malformed messages, shows them, and changes nothing by them', async () => {
  driver = await arena.open('messages', {
    waves: 2,
    plan: (plan) => {
      const gates = plan['gates'] as Record<string, Record<string, unknown>>;
      gates['switch'] = { ...gates['switch'], deadline: '25s', reminder: '1s' };
    },
  });
  await driver.start();
  const waiting = await driver.atGate('baseline');
  const refused = async (message: Promise<{ readonly state: string }>): Promise<void> => {
    expect((await message).state).toBe('refused');
  };
  await refused(driver.decide(waiting, 'go', 'finance', { attempt: 7 }));
  await refused(driver.decide(waiting, 'go', 'finance', { factsHash: 'a'.repeat(64) }));
  await refused(driver.decide(waiting, 'go', 'finance', { by: 'it' }));
  await refused(driver.decide(waiting, 'go', 'finance', { by: 'nobody' }));
  await refused(driver.decide(waiting, 'go', 'finance', { run: 'cutover/other/1' }));
  await refused(driver.decide(waiting, 'go', 'finance', { signature: 'forged' }));
  await refused(driver.decide(waiting, 'go', 'finance', { gate: 'close' }));
  await refused(driver.send('hold', { verb: 'go', by: 'it', role: 'it' }));
  await driver.handle.signal('decide', 'no JSON at all');
  await driver.handle.signal('decide', { not: 'a text' });
  const requestId = randomUUID();
  expect((await driver.decide(waiting, 'go', 'finance', { requestId })).state).toBe('accepted');
  await driver.handle.signal(
    'decide',
    JSON.stringify({
      requestId,
      run: driver.run,
      verb: 'noGo',
      gate: 'baseline',
      by: 'finance',
      role: 'finance',
      reason: 'another message under the same id',
    }),
  );
  await driver.until('everything was looked at', ({ refused: count }) => count >= 10);
  const still = await driver.atGate('baseline');
  expect(still.missing).toEqual(['it']);
  expect((await driver.ledger.decisions.all(driver.run)).filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
  const malformed = (await driver.ledger.decisions.all(driver.run)).filter(({ requestId: id }) => id.startsWith('malformed'));
  expect(malformed.length).toBeGreaterThanOrEqual(2);
  expect(
    (await crmTable(driver.business, 'Account')).every(({ BookOfRecord__c: pointer }) => pointer === null || pointer === undefined),
  ).toBe(true);
});

test('a no-go at a gate of the run holds it each time, also once the run was taken up again from the ledger', async () => {
  for (const then of [() => recoverHere(driver), () => Promise.resolve()]) {
    expect((await driver.decide(await driver.atGate('baseline'), 'noGo', 'finance')).state).toBe('accepted');
    await driver.until('the no-go holds the run', ({ held }) => held?.includes('gate baseline did not get its go') === true);
    expect((await driver.resume()).state).toBe('accepted');
    await driver.until('the run goes on', ({ held }) => held === null);
    await then();
  }
});

test('never goes at a deadline: it takes the wave back, and the next attempt goes through', async () => {
  const baseline = await driver.atGate('baseline');
  for (const role of baseline.missing) expect((await driver.decide(baseline, 'go', role)).state).toBe('accepted');
  await driver.atGate('retry-pilot');
  expect(await erpTable(driver.business, 'sale.sale')).toEqual([]);
  const gates = (await driver.ledger.gates.all(driver.run)).filter(({ gate }) => gate === 'switch-pilot');
  expect(gates.map(({ state }) => state)).toEqual(['expired']);
  for (const gate of ['retry-pilot', 'switch-pilot']) await driver.pass(gate);
  await driver.untilWave('pilot', 'switched');
  const active = (await erpTable(driver.business, 'sale.sale')).filter(({ state }) => state === 'processing');
  expect(references(active)).toEqual([...pilotOrders].sort());
  await driver.keepHistories('deadline');
});
