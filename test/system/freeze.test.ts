import { expect, test } from '@jest/globals';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('finds a change that got past the freeze, loads it, and asks again before it switches', async () => {
  const driver = await arena.open('past');
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  // The owner of the database switches the triggers off, changes a frozen order, and switches them on again.
  await inLegacy(business, 'admin', 'alter table orders disable trigger user');
  await inLegacy(business, 'admin', `update orders set freight = freight + 1 where order_id = 11077`);
  await inLegacy(business, 'admin', 'alter table orders enable trigger user');
  await driver.pass('switch-pilot').catch(() => undefined);
  const again = await driver.until(
    'a second attempt of the gate waits',
    ({ waiting }) => waiting?.gate === 'switch-pilot' && waiting.attempt >= 2 && waiting.shut.length === 0,
  );
  expect(again.waiting?.attempt).toBeGreaterThan(1);
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  const order = (await erpTable(business, 'sale.sale')).find(({ reference }) => reference === '11077');
  const [legacy] = await inLegacy(business, 'admin', 'select freight::text as freight from orders where order_id = 11077');
  expect(JSON.stringify(order?.['lines'] ?? order)).toContain(String(legacy?.['freight']).replace(/0+$/, ''));
  await driver.rollback('run');
  expect(await driver.handle.result()).toMatch(/^rolled back/);
});

test('cannot switch on a lapsed lease without freezing and reading again; once sealed, legacy stays sealed with the runner dead', async () => {
  const driver = await arena.open('lease', {
    timings: { lease: '6s' },
    plan: (plan) => {
      const gates = plan['gates'] as Record<string, Record<string, unknown>>;
      gates['switch'] = { ...gates['switch'], deadline: '5s', reminder: '1s', atDeadline: 'rollback' };
    },
  });
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  // Nobody decides; the runner dies; the lease ends by itself and legacy takes orders again.
  driver.worker.signal('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 6_500));
  await inLegacy(business, 'app', `update orders set freight = freight + 5 where order_id = 11077`);
  await driver.startWorker();
  await driver.pass('retry-pilot');
  const gate = await driver.atGate('switch-pilot');
  expect(gate.shut).toEqual([]);
  for (const role of gate.roles) await driver.decide(gate, 'go', role);
  await driver.until('the pilot is switched', ({ wave }) => wave === 'east');
  driver.worker.signal('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  await expect(inLegacy(business, 'app', `update orders set freight = 0 where order_id = 11077`)).rejects.toThrow();
  const [legacy] = await inLegacy(business, 'admin', 'select freight::text as freight from orders where order_id = 11077');
  expect(JSON.stringify(await erpTable(business, 'sale.sale'))).toContain(String(legacy?.['freight']).replace(/0+$/, ''));
  await driver.startWorker();
});
