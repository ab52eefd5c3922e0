import { expect, test } from '@jest/globals';
import { ids } from '../../contracts/messages.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('does not go on a quorum while nobody watches the guards, asks anew after a while, and can still be taken back', async () => {
  const driver = await arena.open('watcher', { timings: { actWithin: '3s' } });
  const { business } = driver;
  const before = await erpTables(business);
  await driver.start();
  await driver.pass('baseline');
  const first = await driver.atGate('switch-pilot');
  await driver.client.workflow.getHandle(ids.watch(driver.run)).terminate('somebody ended the wrong workflow');
  // Its last sign of life counts for five seconds.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  await driver.pass('switch-pilot');
  const again = await driver.until(
    'the wave came back from its freeze with the same question',
    ({ waiting }) => waiting?.gate === 'switch-pilot' && waiting.attempt > first.attempt,
  );
  expect(again.held).toBeNull();
  const ended = (await driver.ledger.trail.events(driver.run))
    .filter(({ kind }) => kind === 'gateEnded')
    .map(({ detail }) => detail['detail']);
  expect(ended).toEqual(
    expect.arrayContaining([expect.stringMatching(/watcher of the guards gives no sign of life, 3 s after the quorum/)]),
  );
  expect((await driver.rollback('run')).state).toBe('accepted');
  expect(await driver.handle.result()).toMatch(/^rolled back; legacy is the book again/);
  expect(differences(before, await erpTables(business))).toEqual([]);
});
