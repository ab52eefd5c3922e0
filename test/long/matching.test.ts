import { expect, test } from 'vitest';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import { enterAccount, mergeAccounts } from '../support/arena/customers.ts';
import type { Driver } from '../support/arena/driver.ts';
import { expectClosed } from '../support/arena/expectations.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;

/** What stands open for the customer of whom the CRM has two accounts. */
const foretold: unknown = expect.arrayContaining([
  'twoMatches crmAccount SIMOB',
  'accountInException customer SIMOB',
  'accountInException order 11074',
]);

async function exceptions(): Promise<readonly string[]> {
  return (await driver.ledger.exceptions.openOf(driver.run)).map(({ kind, object, sourceId }) => `${kind} ${object} ${sourceId}`);
}

function change(account: string): Promise<unknown> {
  return inLegacy(driver.business, 'app', `update customers set phone = phone where customer_id = '${account}'`);
}

test('takes a wave back on a no-go, opens its accounts in legacy, among them one that had stayed there with the pilot, and carries it through on the next go', async () => {
  driver = await arena.open('nogo', { dirt: 'twoMatches:SIMOB', waves: 2 });
  const { business } = driver;
  await driver.start();
  await driver.atGate('baseline');
  await enterAccount(business, 'RATTC', 'Keyed twice');
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  expect(await exceptions()).toContain('twoMatches crmAccount RATTC');
  await mergeAccounts(business, 'RATTC');
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  expect(await exceptions()).toEqual(foretold);
  expect(await exceptions()).not.toContain('twoMatches crmAccount RATTC');
  await change('SIMOB');
  await expect(change('RATTC')).rejects.toThrow(/moving to the new ERP/);
  await expect(change('ERNSH')).rejects.toThrow(/has moved/);
  await expect(change('RICSU')).rejects.toThrow(/moving to the new ERP/);
  const switched = await erpTables(business);
  await driver.pass('switch-east', { finance: 'noGo' });
  await driver.atGate('retry-east');
  expect(await exceptions()).toEqual([]);
  const { stdout } = await driver.cli('gate', driver.run, 'retry-east');
  expect(stdout).toMatch(/Attempt 1 of the wave was taken back: no-go by finance \(finance\) at \S+ \S+ UTC: scenario\./);
  const left = differences(switched, await erpTables(business));
  expect(left.every((line) => line.startsWith('party.') || line.startsWith('sale.sale'))).toBe(true);
  const parties = (await erpTable(business, 'party.party')).map(({ code }) => code);
  for (const account of ['RICSU', 'RATTC']) {
    expect(parties).not.toContain(account);
    await change(account);
  }
  await driver.pass('retry-east');
  await driver.pass('switch-east');
  await driver.atGate('close');
});

test('writes nothing for a customer that two CRM accounts may be: it and its orders stay open in legacy, counted, until close signs them off', async () => {
  const { business } = driver;
  expect(await exceptions()).toEqual(foretold);
  const close = await driver.atGate('close');
  expect(close.shut).toEqual([]);
  await driver.finish(['close']);
  const signedOff = (await driver.ledger.exceptions.ofRun(driver.run)).filter(({ state }) => state === 'signedOff');
  expect(signedOff.map(({ sourceId }) => sourceId)).toEqual(expect.arrayContaining(['SIMOB', '11074']));
  await expectClosed(business, { inLegacy: ['SIMOB'], created: 15 });
  await driver.keepHistories('noGo');

  // No other wave is to come: a second run of the plan carries over what was left.
  await mergeAccounts(business, 'SIMOB');
  await driver.start();
  await driver.finish(['baseline', 'switch-east', 'close']);
  await expectClosed(business, { created: 17 });
});
