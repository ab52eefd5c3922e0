import { expect, test } from '@jest/globals';
import { expectClosed } from '../support/arena/expectations.ts';
import { CrmPerson, crmTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('writes nothing for a customer that two CRM accounts may be: it and its orders stay open in legacy, counted, until close signs them off', async () => {
  const driver = await arena.open('two', { dirt: 'twoMatches:SIMOB', waves: 2 });
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  const foretold = expect.arrayContaining([
    'twoMatches crmAccount SIMOB',
    'accountInException customer SIMOB',
    'accountInException order 11074',
  ]);
  const exceptions = async (): Promise<readonly string[]> =>
    (await driver.ledger.exceptions.openOf(driver.run)).map(({ kind, object, sourceId }) => `${kind} ${object} ${sourceId}`);
  expect(await exceptions()).toEqual(foretold);
  await inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'SIMOB'`);
  await driver.pass('switch-east', { finance: 'noGo' });
  await driver.atGate('retry-east');
  expect(await exceptions()).toEqual([]);
  await driver.pass('retry-east');
  await driver.atGate('switch-east');
  expect(await exceptions()).toEqual(foretold);
  await driver.pass('switch-east');
  const close = await driver.atGate('close');
  expect(close.shut).toEqual([]);
  await driver.finish(['close']);
  const signedOff = (await driver.ledger.exceptions.ofRun(driver.run)).filter(({ state }) => state === 'signedOff');
  expect(signedOff.map(({ sourceId }) => sourceId)).toEqual(expect.arrayContaining(['SIMOB', '11074']));
  await expectClosed(business, { inLegacy: ['SIMOB'], created: 14 });

  // Sales merges the two accounts in the CRM, and a second run of the plan carries over what was left.
  const [, double] = (await crmTable(business, 'Account')).filter(({ AccountNumber }) => AccountNumber === 'SIMOB');
  await (await CrmPerson.enter(business)).request('DELETE', `/sobjects/Account/${String(double?.['Id'])}`);
  await driver.start();
  await driver.finish(['baseline', 'switch-east', 'close']);
  await expectClosed(business, { created: 16 });
});
