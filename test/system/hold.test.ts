import { expect, test } from '@jest/globals';
import { expectClosed, expectReturned } from '../support/arena/expectations.ts';
import { erpCreates } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';

const arena = useArena();

test('begins no write while it is held, guards and gates go on, and resume carries on where it stood', async () => {
  const driver = await arena.open('hold', { waves: 2 });
  const { business } = driver;
  await driver.start();
  await driver.atGate('baseline');
  expect((await driver.hold()).state).toBe('accepted');
  await driver.pass('baseline');
  const creates = await erpCreates(business);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await erpCreates(business)).toEqual(creates);
  const status = await driver.cli('status', driver.run, '--json');
  expect(status.code).toBe(6);
  expect((await driver.status()).held).toBe('scenario');
  expect((await driver.resume()).state).toBe('accepted');
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  expect(await driver.takeBackRun()).toMatch(/^rolled back/);
  await expectReturned(business, pilotOrders);
  await driver.keepHistories('hold');

  await driver.start();
  await driver.finish();
  await expectClosed(business, { created: 17 });
});
