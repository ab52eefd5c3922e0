import { expect, test } from '@jest/globals';
import { addFault, clearFaults, faultHits, trytonRefusal } from '../../scripts/dev/faults.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import { expectClosed, expectReturned } from '../support/arena/expectations.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('rolls a wave back by itself when its load fails too often, to the very records before it, and goes through at attempt 2', async () => {
  const driver = await arena.open('breach');
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('switch-pilot');
  for (const account of ['SIMOB', 'RICSU', 'LINOD'])
    await addFault(business.faults.erp, {
      match: { bodyIncludes: `"code":"${account}"` },
      action: 'reject',
      status: 200,
      body: trytonRefusal,
    });
  await driver.until('the pilot soaks or the next wave begins', ({ wave, step }) => wave === 'east' || step === 'soak');
  const before = await erpTables(business);
  const waiting = await driver.atGate('retry-east');
  expect(await faultHits(business.faults.erp)).toBeGreaterThan(2);
  expect(differences(before, await erpTables(business))).toEqual([]);
  await inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'SIMOB'`);
  const [breach] = (await driver.ledger.guards.all(driver.run)).filter(({ verdict }) => verdict === 'breach');
  expect(breach).toMatchObject({ guard: 'write-errors', wave: 'east', answer: 'rollback', k: 3 });
  expect(breach?.reason).toContain('customer');
  expect(waiting.attempt).toBe(1);
  await clearFaults(business.faults.erp);
  await driver.finish(['retry-east', 'switch-east', 'switch-west', 'close']);
  await expectClosed(business, { created: 12 });
  await driver.keepHistories('retried');
});

test('acts while a gate waits: a sale that staff confirmed too early trips the harmless guard, and the next attempt takes it over', async () => {
  const driver = await arena.open('harmless');
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  // Staff confirm a loaded quotation by hand, before its account was switched.
  const person = await ErpPerson.enter(business.erp);
  const [sale] = await person.search('sale.sale', [['reference', '=', '11077']]);
  await person.call('sale.sale.confirm', [sale]);
  await driver.atGate('retry-pilot');
  const [breach] = (await driver.ledger.guards.all(driver.run)).filter(({ verdict }) => verdict === 'breach');
  expect(breach).toMatchObject({ guard: 'harmless', wave: 'pilot', answer: 'rollback' });
  // What a person confirmed cannot be taken back and is not: it is listed.
  const remaining = await erpTable(business, 'sale.sale');
  expect(remaining.map(({ reference }) => reference)).toEqual(['11077']);
  await expectReturned(business, ['11077']);
  expect((await driver.ledger.exceptions.openOf(driver.run)).map(({ object, sourceId }) => `${object} ${sourceId}`)).toContain(
    'order 11077',
  );

  await driver.finish(['retry-pilot', 'switch-pilot', 'switch-east', 'switch-west', 'close']);
  await expectClosed(business, { created: 14 });
  expect((await erpTable(business, 'sale.sale')).find(({ reference }) => reference === '11077')).toMatchObject({ id: sale });
});

test('finds the one sale that makes its own invoice before its account was switched', async () => {
  const driver = await arena.open('invoice', { autoInvoice: ['11077'] });
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('retry-pilot');
  const [breach] = (await driver.ledger.guards.all(driver.run)).filter(({ verdict }) => verdict === 'breach');
  expect(breach).toMatchObject({ guard: 'harmless', wave: 'pilot', answer: 'rollback', k: 1 });
  expect(breach?.reason).toContain('order 11077: invoices');
});
