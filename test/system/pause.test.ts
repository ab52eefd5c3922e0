import { expect, test } from '@jest/globals';
import { expectClosed } from '../support/arena/expectations.ts';
import { crmTable, CrmPerson, erpCreates } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('a breach after the switch pauses by itself: nothing new is written, gates can be decided, and it goes on when the cause is mended and somebody resumes', async () => {
  const driver = await arena.open('pause', { waves: 2 });
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  // Somebody points two switched accounts back at legacy in the CRM.
  const person = await CrmPerson.enter(business);
  const switched = (await crmTable(business, 'Account')).filter(({ AccountNumber }) => ['ALFKI', 'ERNSH'].includes(String(AccountNumber)));
  const point = async (to: (account: (typeof switched)[number]) => unknown): Promise<void> => {
    for (const account of switched)
      await person.request('PATCH', `/sobjects/Account/${String(account['Id'])}`, { BookOfRecord__c: to(account) });
  };
  await point(({ AccountNumber }) => `legacy:${String(AccountNumber)}`);
  const paused = await driver.until('the guard holds the run', ({ held }) => held?.startsWith('mismatches: ') === true);
  expect(paused.rollback).toBeNull();
  expect((await driver.cli('status', driver.run, '--json')).code).toBe(6);
  const [breach] = (await driver.ledger.guards.all(driver.run)).filter(({ verdict }) => verdict === 'breach');
  expect(breach).toMatchObject({ guard: 'mismatches', wave: 'pilot', answer: 'pause', k: 2 });

  const creates = await erpCreates(business);
  await driver.pass('switch-east');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await erpCreates(business)).toEqual(creates);
  expect((await driver.status()).wave).toBe('east');

  await point(({ BookOfRecord__c: pointer }) => pointer);
  expect((await driver.resume()).state).toBe('accepted');
  await driver.finish(['close']);
  await expectClosed(business);
});
