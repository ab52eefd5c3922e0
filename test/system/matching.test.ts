import { expect, test } from '@jest/globals';
import { crmTable, isErpPointer, erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('writes nothing for a customer that two CRM accounts may be: it and its orders stay open in legacy, counted, until close signs them off', async () => {
  const driver = await arena.open('two', { dirt: 'twoMatches:SIMOB' });
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  const exceptions = (await driver.ledger.exceptions.openOf(driver.run)).map(
    ({ kind, object, sourceId }) => `${kind} ${object} ${sourceId}`,
  );
  expect(exceptions).toEqual(
    expect.arrayContaining(['twoMatches crmAccount SIMOB', 'accountInException customer SIMOB', 'accountInException order 11074']),
  );
  await inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'SIMOB'`);
  await driver.pass('switch-east');
  expect((await erpTable(business, 'party.party')).map(({ code }) => code)).not.toContain('SIMOB');
  expect((await erpTable(business, 'sale.sale')).map(({ reference }) => reference)).not.toContain('11074');
  await driver.pass('switch-west');
  const close = await driver.atGate('close');
  expect(close.shut).toEqual([]);
  await driver.pass('close');
  expect(await driver.handle.result()).toMatch(/^closed/);
  const signedOff = (await driver.ledger.exceptions.ofRun(driver.run)).filter(({ state }) => state === 'signedOff');
  expect(signedOff.map(({ sourceId }) => sourceId)).toEqual(expect.arrayContaining(['SIMOB', '11074']));
  expect(
    (await crmTable(business, 'Account'))
      .filter(({ AccountNumber }) => AccountNumber === 'SIMOB')
      .every(({ BookOfRecord__c: pointer }) => !isErpPointer(pointer)),
  ).toBe(true);
  await inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'SIMOB'`);
});
