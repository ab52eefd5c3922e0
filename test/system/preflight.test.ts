import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { addFault, clearFaults } from '../../scripts/dev/faults.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Driver } from '../support/arena/driver.ts';
import { crmTable, erpCreates, inLegacy, setUp } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;

/** Starts the plan, which must be refused with nothing changed in any system, by their own records; returns its words. */
async function refusal(driver: Driver): Promise<string> {
  const { business } = driver;
  const [erp, crm] = [await erpTables(business), await crmTable(business, 'Account')];
  await driver.start();
  const error: unknown = await driver.handle.result().then(
    () => null,
    (reason: unknown) => reason,
  );
  const words = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  expect(words).toMatch(/changed nothing/);
  expect(differences(erp, await erpTables(business))).toEqual([]);
  expect(await erpCreates(business)).toEqual({});
  expect(await crmTable(business, 'Account')).toEqual(crm);
  expect(await inLegacy(business, 'admin', `select 1 from pg_namespace where nspname = 'cutover'`)).toEqual([]);
  return words;
}

test('tells all that preflight found missing at once, each with its remedy, and changes nothing', async () => {
  driver = await arena.open('preflight');
  const { business } = driver;
  await inLegacy(business, 'admin', 'create table side_book (id integer); grant select on side_book to cutover_runner');
  await inLegacy(business, 'admin', `insert into terms_codes values ('NET90', 'Net 90')`);
  await inLegacy(
    business,
    'admin',
    `insert into customers (customer_id, company_name, terms_code) values ('NEWCO', 'New Company', 'NET30')`,
  );
  const words = await refusal(driver);
  expect(words).toMatch(/table side_book .* has no disposition; add it under systems\.legacy\.tables/);
  expect(words).toMatch(/erp has no paymentTerm for terms NET90; have its owner set it up/);
  expect(words).toMatch(/in no wave: NEWCO; put each into one/);

  await inLegacy(business, 'admin', 'drop table side_book');
  await inLegacy(business, 'admin', `delete from customers where customer_id = 'NEWCO'`);
  await inLegacy(business, 'admin', `delete from terms_codes where code = 'NET90'`);
});

test('names every right and field that is missing in legacy, target and CRM', async () => {
  const { business } = driver;
  await inLegacy(business, 'admin', 'revoke select on orders from cutover_runner');
  await inLegacy(business, 'admin', 'revoke trigger on customers from cutover_runner');
  await setUp(business.erp, { cutoverGroups: ['product'] });
  await setUp(business.crm, { missingFields: ['BookOfRecord__c'], missingRights: ['delete Lead'] });
  const words = await refusal(driver);
  expect(words).toContain('User cutover_runner may not read table orders; run: grant select on orders to cutover_runner');
  expect(words).toContain(
    'User cutover_runner may not put a trigger on table customers; run: grant trigger on customers to cutover_runner',
  );
  expect(words).toMatch(
    /erp: user cutover lacks rights in Tryton: .*create sale\.sale.*\. Add the groups Product Administration and Sales\./,
  );
  expect(words).toMatch(/Account has no field BookOfRecord__c, .*; create it as a text field of 64 characters/);
  expect(words).toMatch(/lacks the right to read, create, edit and delete leads; give it all four/);
  expect(words).not.toMatch(/side_book|NET90|NEWCO/);

  await inLegacy(business, 'admin', 'grant select on orders to cutover_runner');
  await inLegacy(business, 'admin', 'grant trigger on customers to cutover_runner');
  await setUp(business.erp, { cutoverGroups: ['product', 'sale'] });
  await setUp(business.crm, { missingFields: [], missingRights: [] });
});

test('once all is given it names the records whose texts are longer than the target takes, and goes on once they are shortened', async () => {
  const { business } = driver;
  // The company's own module limits what plain Tryton leaves unlimited.
  await setUp(business.erp, { sizes: { 'party.party.name': 40, 'party.contact_mechanism.value': 24, 'sale.sale.reference': 5 } });
  await inLegacy(business, 'admin', `update customers set company_name = rpad('Simons bistro', 41, '!') where customer_id = 'SIMOB'`);
  await inLegacy(business, 'admin', `update customers set phone = rpad('0621-08460', 25, '0') where customer_id in ('ALFKI', 'RATTC')`);
  const words = await refusal(driver);
  expect(words).toContain(
    'customer SIMOB: name is longer than the 40 characters the target takes; correct it in the legacy system or in the mapping',
  );
  expect(words).toContain('customer ALFKI, RATTC: phone is longer than the 24 characters the target takes; correct it');
  expect(words).not.toContain('reference');
  expect(words).not.toMatch(/may not|lacks|has no field/);

  await inLegacy(business, 'admin', `update customers set company_name = 'Simons bistro' where customer_id = 'SIMOB'`);
  await inLegacy(business, 'admin', `update customers set phone = '0621-08460' where customer_id in ('ALFKI', 'RATTC')`);
  await driver.start();
  expect((await driver.atGate('baseline')).shut).toEqual([]);
});

test('names the orders that the target would not take, by cause: a currency it does not have, no lines', async () => {
  driver = await arena.open('untakeable');
  const { business } = driver;
  await inLegacy(business, 'admin', `update orders set currency = 'EEK' where order_id in (11072, 11077)`);
  await inLegacy(business, 'admin', `delete from order_details where order_id = 11008`);
  await inLegacy(business, 'admin', `update orders set freight = 0 where order_id = 11008`);
  const words = await refusal(driver);
  expect(words).toContain('order 11072, 11077: erp: Tryton has no currency "EEK"; have finance set it up');
  expect(words).toMatch(/order 11008: .*lines must hold at least one line/);
});

test('refuses wrong credentials and an archive without its folder in plain sentences before anything is touched', async () => {
  driver = await arena.open('password', { worker: { CUTOVER_ERP_PASSWORD: 'wrong' } });
  await rm(driver.business.archive, { recursive: true });
  const words = await refusal(driver);
  expect(words).toMatch(/changed nothing: erp: .*(password|login|credentials)/i);
  expect(words).not.toContain('wrong"');
  expect(words).not.toContain('erp: erp:');
  expect(words).toMatch(/; archive: there is no folder .*; make it, or correct its address/);
  const status = await driver.cli('status', driver.run, '--json');
  expect(status.code).toBe(1);
});

test('a run that is taken back while preflight looks ends with nothing changed, and the next one begins', async () => {
  driver = await arena.open('early', { faults: true });
  const { business } = driver;
  const before = await erpTables(business);
  // Preflight asks the target more than once, so it is still looking when the order comes.
  await addFault(business.faults.erp, { match: {}, action: 'slow', delayMs: 2_000 });
  await driver.start();
  expect(await driver.takeBackRun()).toMatch(/^rolled back before anything was changed/);
  expect(differences(before, await erpTables(business))).toEqual([]);
  expect(await inLegacy(business, 'admin', `select 1 from pg_namespace where nspname = 'cutover'`)).toEqual([]);
  await clearFaults(business.faults.erp);
  await driver.start();
  expect((await driver.atGate('baseline')).shut).toEqual([]);
});
