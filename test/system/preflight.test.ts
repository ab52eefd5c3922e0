import { expect, test } from '@jest/globals';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import { crmTable, erpCreates, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

/** The words a refused run ended with. */
async function refusal(handle: { result(): Promise<unknown> }): Promise<string> {
  const error: unknown = await handle.result().then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
}

test('tells all that preflight found missing at once, each with its remedy, and changes nothing', async () => {
  const driver = await arena.open('missing');
  const { business } = driver;
  await inLegacy(business, 'admin', 'create table side_book (id integer); grant select on side_book to cutover_runner');
  await inLegacy(business, 'admin', `insert into terms_codes values ('NET90', 'Net 90')`);
  await inLegacy(
    business,
    'admin',
    `insert into customers (customer_id, company_name, terms_code) values ('NEWCO', 'New Company', 'NET30')`,
  );
  const [erp, crm] = [await erpTables(business), await crmTable(business, 'Account')];
  await driver.start();
  const words = await refusal(driver.handle);
  expect(words).toMatch(/changed nothing/);
  expect(words).toMatch(/table side_book .* has no disposition; add it under systems\.legacy\.tables/);
  expect(words).toMatch(/erp has no paymentTerm for terms NET90; have its owner set it up/);
  expect(words).toMatch(/in no wave: NEWCO; put each into one/);
  expect(differences(erp, await erpTables(business))).toEqual([]);
  expect(await erpCreates(business)).toEqual({});
  expect(await crmTable(business, 'Account')).toEqual(crm);
  expect(await inLegacy(business, 'admin', `select 1 from pg_namespace where nspname = 'cutover'`)).toEqual([]);
});

test('refuses wrong credentials in a plain sentence before anything is touched', async () => {
  const driver = await arena.open('password', { worker: { CUTOVER_ERP_PASSWORD: 'wrong' } });
  await driver.start();
  const words = await refusal(driver.handle);
  expect(words).toMatch(/changed nothing: erp: .*(password|login|credentials)/i);
  expect(words).not.toContain('wrong"');
  expect(await inLegacy(driver.business, 'admin', `select 1 from pg_namespace where nspname = 'cutover'`)).toEqual([]);
  const status = await driver.cli('status', driver.run, '--json');
  expect(status.code).toBe(1);
});
