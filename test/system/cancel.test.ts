import { expect, test } from '@jest/globals';
import { ids } from '../../contracts/messages.ts';
import { expectClosed } from '../support/arena/expectations.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('a request for cancellation in Temporal, of the run or of a child, holds the run and takes nothing back; each is heard', async () => {
  const driver = await arena.open('cancel', { waves: 2 });
  const unsigned = async (): Promise<readonly string[]> =>
    (await driver.ledger.holds.all(driver.run)).filter(({ source }) => source === 'temporal').map(({ reason }) => reason);
  const heldAgain = async (count: number): Promise<void> => {
    await driver.until(`request ${String(count)} holds the run`, ({ held }) => held?.includes('unsigned') === true);
    expect(await unsigned()).toHaveLength(count);
    expect((await driver.resume()).state).toBe('accepted');
    await driver.until('the run goes on', ({ held }) => held === null);
  };
  await driver.start();
  await driver.atGate('baseline');
  await driver.handle.cancel();
  await heldAgain(1);
  await driver.pass('baseline');
  const gate = await driver.atGate('switch-pilot');
  await driver.handle.cancel();
  await heldAgain(2);
  await driver.client.workflow.getHandle(ids.parallelRun(driver.run, 'pilot', 1)).cancel();
  await heldAgain(3);
  expect((await unsigned()).at(-1)).toContain(`the cancellation of ${ids.parallelRun(driver.run, 'pilot', 1)}`);
  await driver.client.workflow.getHandle(ids.watch(driver.run)).cancel();
  await heldAgain(4);
  expect(await driver.atGate('switch-pilot')).toMatchObject({ attempt: gate.attempt });
  expect((await driver.ledger.waves.all(driver.run)).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  await driver.finish(['switch-pilot', 'switch-east', 'close']);
  await expectClosed(driver.business);
});
