import { expect, test } from '@jest/globals';
import { CrmPerson, erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

const states = async (driver: Awaited<ReturnType<typeof arena.open>>): Promise<Record<string, unknown>> =>
  Object.fromEntries((await erpTable(driver.business, 'sale.sale')).map(({ reference, state }) => [String(reference), state]));

test('a wave taken back while people decide on the close comes again before the run closes, discontinued products and all', async () => {
  const driver = await arena.open('again');
  const { business } = driver;
  await driver.start();
  for (const gate of ['baseline', 'switch-pilot', 'switch-east', 'switch-west']) await driver.pass(gate);
  const close = await driver.atGate('close');
  const products = async (): Promise<number> =>
    (await erpTable(business, 'product.product')).filter((row) => JSON.stringify(row).includes('active":false')).length;
  expect(await products()).toBe(8);
  // Legacy goes on where it is the book: an order for a product that has left the range meanwhile.
  expect((await driver.rollback('west')).state).toBe('accepted');
  // Whether these votes are counted or find their question gone, the run does not close on them.
  for (const role of close.roles) await driver.decide(close, 'go', role);
  await driver.atGate('retry-west');
  await inLegacy(
    business,
    'app',
    `insert into orders (order_id, customer_id, employee_id, order_date, freight, ship_name, ship_address, ship_city, ship_postal_code, ship_country, tax_code, freight_tax_code)
    select 20002, customer_id, 1, '2026-01-05', 10.00, company_name, address, city, postal_code, country, 'EXPORT', 'EXPORT' from customers where customer_id = 'BONAP'`,
  );
  await inLegacy(business, 'app', 'insert into order_details values (20002, 5, 21.3500, 2, 0)');
  for (const gate of ['retry-west', 'switch-west', 'close']) await driver.pass(gate);
  expect(await driver.handle.result()).toMatch(/^closed/);
  expect((await states(driver))['20002']).toBe('processing');
  expect(await products()).toBe(8);
  const references = (await erpTable(business, 'sale.sale')).map(({ reference }) => reference);
  expect(references).toHaveLength(new Set(references).size);
});

test('a customer who comes up in legacy after the plan was written goes with the last wave', async () => {
  const driver = await arena.open('newcomer');
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  await inLegacy(
    business,
    'app',
    `insert into customers (customer_id, company_name, contact_name, contact_title, address, city, postal_code, country, phone, terms_code)
    select 'NEWCO', 'New Company', contact_name, contact_title, address, city, postal_code, country, '0555-77', terms_code from customers where customer_id = 'BONAP'`,
  );
  await inLegacy(
    business,
    'app',
    `insert into orders (order_id, customer_id, employee_id, order_date, freight, ship_name, ship_address, ship_city, ship_postal_code, ship_country, tax_code, freight_tax_code)
    select 20003, customer_id, 1, '2026-01-05', 10.00, company_name, address, city, postal_code, country, 'EXPORT', 'EXPORT' from customers where customer_id = 'NEWCO'`,
  );
  await inLegacy(business, 'app', 'insert into order_details values (20003, 1, 18.0000, 2, 0)');
  await (await CrmPerson.enter(business)).request('POST', '/sobjects/Account', { Name: 'New Company', AccountNumber: 'NEWCO' });
  for (const gate of ['switch-pilot', 'switch-east', 'switch-west', 'close']) await driver.pass(gate);
  expect(await driver.handle.result()).toMatch(/^closed/);
  expect((await states(driver))['20003']).toBe('processing');
  await expect(inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'NEWCO'`)).rejects.toThrow(/has moved/);
});
