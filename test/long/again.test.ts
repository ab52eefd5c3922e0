import { expect, test } from 'vitest';
import { newCustomer, newOrder } from '../support/arena/customers.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

const states = async (driver: Awaited<ReturnType<typeof arena.open>>): Promise<Record<string, unknown>> =>
  Object.fromEntries((await erpTable(driver.business, 'sale.sale')).map(({ reference, state }) => [String(reference), state]));

test('a wave taken back while people decide on the close comes again before the run closes, which a customer who came up too late keeps shut while it is there', async () => {
  const driver = await arena.open('again', { waves: 2 });
  const { business } = driver;
  await driver.start();
  for (const gate of ['baseline', 'switch-pilot', 'switch-east']) await driver.pass(gate);
  const close = await driver.atGate('close');
  const products = async (): Promise<number> =>
    (await erpTable(business, 'product.product')).filter((row) => JSON.stringify(row).includes('active":false')).length;
  expect(await products()).toBe(8);
  // Legacy goes on where it is the book: an order for a product that has left the range meanwhile.
  expect((await driver.rollback('east')).state).toBe('accepted');
  // Whether these votes are counted or find their question gone, the run does not close on them.
  for (const role of close.roles) await driver.decide(close, 'go', role);
  await driver.atGate('retry-east');
  await newOrder(business, 20_002, 'BONAP', 5);
  for (const gate of ['retry-east', 'switch-east']) await driver.pass(gate);
  // A customer who comes up behind the last delta keeps the close shut by name, until it is gone: the gate looks again when it is asked.
  await driver.atGate('close');
  await newCustomer(business, 'LATER', 20_005);
  const shut = await driver.cli('gate', driver.run, '--again');
  expect(shut.stdout).toMatch(/Shut by its limits[^]*customer: 1 records \(LATER\)/);
  for (const statement of [
    'delete from order_details where order_id = 20005',
    'delete from orders where order_id = 20005',
    `delete from customers where customer_id = 'LATER'`,
  ])
    await inLegacy(business, 'admin', statement);
  const open = await driver.cli('gate', driver.run, '--again');
  expect(open.stdout).not.toContain('Shut by its limits');
  await driver.until('the run shows the gate as it is open now', ({ waiting }) => waiting?.gate === 'close' && waiting.shut.length === 0);
  await driver.pass('close');
  expect(await driver.handle.result()).toMatch(/^closed/);
  expect((await states(driver))['20002']).toBe('processing');
  expect(await products()).toBe(8);
  const references = (await erpTable(business, 'sale.sale')).map(({ reference }) => reference);
  expect(references).toHaveLength(new Set(references).size);
});

test('a customer who comes up after the plan was written goes with the last wave; behind its last delta it stays by the rule of the plan, named', async () => {
  const driver = await arena.open('newcomer', { waves: 2, plan: (plan) => void (plan['newcomers'] = 'stay') });
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  await newCustomer(business, 'NEWCO', 20_003);
  for (const gate of ['switch-pilot', 'switch-east']) await driver.pass(gate);
  const { attempt } = await driver.atGate('close');
  await newCustomer(business, 'LATER', 20_004);
  expect(await driver.cli('gate', driver.run, '--again')).toMatchObject({ code: 0 });
  await driver.until('measured again', ({ waiting }) => waiting?.gate === 'close' && waiting.attempt > attempt);
  const gate = await driver.cli('gate', driver.run, 'close');
  expect(gate.stdout).not.toContain('Shut by its limits');
  expect(gate.stdout).toMatch(/adds up: customer: .* left 1 \(LATER\)/);
  expect(gate.stdout).toMatch(/adds up: order: .* left 1 \(20004\)/);
  await driver.pass('close');
  expect(await driver.handle.result()).toMatch(/^closed/);
  expect((await states(driver))['20003']).toBe('processing');
  await expect(inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'NEWCO'`)).rejects.toThrow(/has moved/);
  // The one that came too late goes on in legacy, and stands nowhere else.
  await inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'LATER'`);
  expect((await erpTable(business, 'party.party')).map(({ code }) => code)).not.toContain('LATER');
  expect(await states(driver)).not.toHaveProperty('20004');
});
