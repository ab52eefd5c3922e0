import { expect, test } from '@jest/globals';
import { expectClosed } from '../support/arena/expectations.ts';
import { crmTable, CrmPerson, erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('carries the plan to its end: every open order once in the target, confirmed, the CRM pointing at it, legacy sealed', async () => {
  const driver = await arena.open('forward');
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('switch-pilot');

  const waiting = await driver.atGate('switch-east');
  expect(waiting.shut).toEqual([]);
  // While one wave is frozen, everybody else goes on in legacy, and a lead lands in the CRM.
  await expect(inLegacy(business, 'app', `update orders set freight = freight where customer_id = 'SIMOB'`)).rejects.toThrow(
    /moving to the new ERP/,
  );
  await inLegacy(
    business,
    'app',
    `insert into orders (order_id, customer_id, employee_id, order_date, freight, ship_name, ship_address, ship_city, ship_postal_code, ship_country, tax_code, freight_tax_code)
    select 20001, customer_id, 1, '2026-01-05', 10.00, company_name, address, city, postal_code, country, 'EXPORT', 'EXPORT' from customers where customer_id = 'BONAP'`,
  );
  await inLegacy(business, 'app', `insert into order_details values (20001, 1, 18.0000, 3, 0.05)`);
  const lead = await (await CrmPerson.enter(business)).postLead('Visitor');
  expect((await crmTable(business, 'Lead')).map(({ Id }) => Id)).toContain(lead);

  await driver.finish(['switch-east', 'switch-west', 'close']);
  expect((await erpTable(business, 'sale.sale')).map(({ reference }) => reference)).toContain('20001');
  await expectClosed(business, { created: 12 });
  const leads = (await crmTable(business, 'Lead')).map(({ LastName }) => LastName);
  expect(leads).toEqual(['Visitor']);

  await driver.keepHistories('closed');
});
