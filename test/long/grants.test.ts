import { expect, test } from 'vitest';
import { expectReturned } from '../support/arena/expectations.ts';
import { erpCreatesBy, erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('where triggers are not allowed it takes everybody’s writing rights, says so on the gate, gives them back with the run, and goes forward again', async () => {
  const driver = await arena.open('grants', {
    waves: 2,
    plan: (plan) => {
      Object.assign((plan['systems'] as Record<string, Record<string, unknown>>)['legacy'] ?? {}, { freeze: 'grants' });
    },
  });
  const { business } = driver;
  await inLegacy(
    business,
    'admin',
    `create role northwind_owner; grant northwind_owner to cutover_runner;
     alter table customers owner to northwind_owner; alter table orders owner to northwind_owner; alter table order_details owner to northwind_owner`,
  );
  const write = (): Promise<unknown> => inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'BONAP'`);
  await driver.start();
  await driver.pass('baseline');
  await write();
  await driver.atGate('switch-pilot');
  await expect(write()).rejects.toThrow(/permission denied/);
  const gate = await driver.cli('gate', driver.run, 'switch-pilot');
  expect(gate.stdout).toContain('can only be frozen as a whole');
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  expect(await driver.rollback('east')).toMatchObject({
    state: 'refused',
    detail: expect.stringContaining('only the whole run can go back'),
  });
  expect((await driver.rollback('run')).state).toBe('accepted');
  expect(await driver.handle.result()).toMatch(/^rolled back/);
  await write();

  await driver.start();
  await driver.finish();
  expect(await driver.handle.result()).toMatch(/^closed; no legacy user can write any more/);
  await expect(write()).rejects.toThrow(/permission denied/);
  // The three that were confirmed before the way back are taken over, not made again.
  expect((await erpCreatesBy(business, 'cutover'))['sale.sale']).toBe(17);
  expect((await erpTable(business, 'sale.sale')).every(({ state }) => state === 'processing')).toBe(true);
  await expectReturned(business, []);
});
