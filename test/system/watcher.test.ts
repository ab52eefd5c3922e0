import { expect, test } from 'vitest';
import { ids } from '../../contracts/messages.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Tables } from '../../scripts/dev/tables.ts';
import type { Driver } from '../support/arena/driver.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;
/** The target's records before the run. */
let before: Tables;

test('is started again by the run when somebody ends it, and holds the run while nobody can steer it', async () => {
  driver = await arena.open('watcher', { waves: 2, timings: { actWithin: '3s', guardEvery: '1s' } });
  before = await erpTables(driver.business);
  await driver.start();
  await driver.atGate('baseline');
  const watcher = driver.client.workflow.getHandle(ids.watch(driver.run));
  await watcher.terminate('somebody ends the wrong workflow');
  await expect(until(async () => (await watcher.describe()).status.name === 'RUNNING')).resolves.toBe(true);

  const standing = async (): Promise<readonly string[]> =>
    (await driver.ledger.holds.standing(driver.run)).holds.map(({ reason }) => reason);
  await driver.handle.terminate('the test ends it');
  await expect(until(async () => (await standing()).some((reason) => reason.includes('cutover recover')))).resolves.toBe(true);
  expect(await driver.cli('recover', driver.run)).toMatchObject({ code: 0 });
  await expect(until(async () => (await standing()).length === 0)).resolves.toBe(true);
  expect((await driver.atGate('baseline')).attempt).toBe(1);
});

test('does not go on a quorum while nobody watches the guards, asks anew after a while, and can still be taken back', async () => {
  await driver.pass('baseline');
  const first = await driver.atGate('switch-pilot');
  const watcher = driver.client.workflow.getHandle(ids.watch(driver.run));
  // The run starts it again each time, after longer and longer pauses.
  const keepEnding = setInterval(() => {
    watcher.terminate('somebody ends the wrong workflow').catch(() => undefined);
  }, 20);
  try {
    // Its last sign of life counts for five seconds.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await driver.pass('switch-pilot');
    const again = await driver.until(
      'the wave came back from its freeze with the same question',
      ({ waiting }) => waiting?.gate === 'switch-pilot' && waiting.attempt > first.attempt,
    );
    expect(again.held).toBeNull();
  } finally {
    clearInterval(keepEnding);
  }
  const ended = (await driver.ledger.trail.events(driver.run))
    .filter(({ kind }) => kind === 'gateEnded')
    .map(({ detail }) => detail['detail']);
  expect(ended).toEqual(
    expect.arrayContaining([expect.stringMatching(/watcher of the guards gives no sign of life, 3 s after the quorum/)]),
  );
  expect((await driver.rollback('run')).state).toBe('accepted');
  expect(await driver.handle.result()).toMatch(/^rolled back; legacy is the book again/);
  expect(differences(before, await erpTables(driver.business))).toEqual([]);
});

/** Looks again and again, for two minutes. */
async function until(look: () => Promise<boolean>): Promise<boolean> {
  for (let left = 1_200; left > 0; left -= 1) {
    if (await look()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}
