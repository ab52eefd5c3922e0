import { expect, test } from 'vitest';
import { ids } from '../../contracts/messages.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Driver } from '../support/arena/driver.ts';
import { expectClosed } from '../support/arena/expectations.ts';
import { sentTooEarly } from '../support/arena/in-order.ts';
import { crmTable, CrmPerson, erpCreates, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;

test('begins no write while it is held, guards and gates go on, and resume carries on where it stood', async () => {
  driver = await arena.open('hold', { waves: 2, timings: { guardEvery: '4s' } });
  const { business } = driver;
  await driver.start();
  await driver.atGate('baseline');
  expect((await driver.hold()).state).toBe('accepted');
  await driver.pass('baseline');
  const creates = await erpCreates(business);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await erpCreates(business)).toEqual(creates);
  const status = await driver.cli('status', driver.run, '--json');
  expect(status.code).toBe(6);
  expect((await driver.status()).held).toBe('scenario');
  expect((await driver.resume()).state).toBe('accepted');
  await driver.atGate('switch-pilot');
});

test('a request for cancellation in Temporal, of the run or of a child, holds the run and takes nothing back; each is heard', async () => {
  const unsigned = async (): Promise<readonly string[]> =>
    (await driver.ledger.holds.all(driver.run)).filter(({ source }) => source === 'temporal').map(({ reason }) => reason);
  const heldAgain = async (count: number): Promise<void> => {
    // At once, while the execution that goes on still tells the wave how it stands.
    await driver.until(`request ${String(count)} holds the run`, ({ held }) => held?.includes('unsigned') === true, 240_000, 10);
    expect(await unsigned()).toHaveLength(count);
    expect((await driver.resume()).state).toBe('accepted');
    await driver.until('the run goes on', ({ held }) => held === null);
  };
  const gate = await driver.atGate('switch-pilot');
  await driver.handle.cancel();
  await heldAgain(1);
  await driver.handle.cancel();
  await heldAgain(2);
  await driver.client.workflow.getHandle(ids.parallelRun(driver.run, 'pilot', 1)).cancel();
  await heldAgain(3);
  expect((await unsigned()).at(-1)).toContain(`the cancellation of ${ids.parallelRun(driver.run, 'pilot', 1)}`);
  await driver.client.workflow.getHandle(ids.watch(driver.run)).cancel();
  await heldAgain(4);
  // The run leaves its execution when it was asked itself; what children tell in that moment goes with it into the next one.
  const children = Array.from({ length: 12 }, (_, index) => `child ${String(index)}`);
  for (const [index, child] of children.entries()) {
    if (index === 4) await driver.handle.cancel();
    await driver.handle.signal('stopAsked', child);
  }
  await driver.until('all of them hold the run', ({ held }) => children.every((child) => held?.includes(`${child};`) === true));
  expect((await driver.resume()).state).toBe('accepted');
  await driver.until('the run goes on', ({ held }) => held === null);
  expect(await driver.atGate('switch-pilot')).toMatchObject({ attempt: gate.attempt });
  expect((await driver.ledger.waves.all(driver.run)).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  expect(await sentTooEarly(driver.client, driver.run)).toEqual([]);
});

test('a breach after the switch pauses by itself: nothing new is written, gates can be decided, and it goes on when the cause is mended and somebody resumes', async () => {
  const { business } = driver;
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
  expect((await driver.atGate('close')).shut).toEqual([]);
  await expectClosed(business, { created: 10 });
});

test('hands the seals over at the close once IT has taken the legacy users’ rights away, and a second run leaves nothing behind either', async () => {
  const { business } = driver;
  const ours = (): Promise<unknown> =>
    inLegacy(
      business,
      'admin',
      `select (select count(*)::int from pg_trigger where tgname like '%cutover%') as triggers, (select count(*)::int from pg_namespace where nspname = 'cutover') as schemas`,
    );
  const write = (): Promise<unknown> => inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'ALFKI'`);
  await driver.atGate('close');
  await expect(write()).rejects.toThrow(/has moved to the new system for good/);
  await inLegacy(business, 'admin', 'revoke insert, update, delete on all tables in schema public from legacy_app');
  await driver.pass('close');
  expect(await driver.handle.result()).toMatch(/^closed; no legacy user can write any more/);
  await driver.keepHistories('hold');
  expect(await ours()).toEqual([{ triggers: 0, schemas: 0 }]);
  await expect(write()).rejects.toThrow(/permission denied/);

  const [creates, before] = [await erpCreates(business), await erpTables(business)];
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('close');
  expect(await driver.handle.result()).toMatch(/^closed; no legacy user can write any more/);
  expect(await erpCreates(business)).toEqual(creates);
  expect(differences(before, await erpTables(business))).toEqual([]);
  expect(await ours()).toEqual([{ triggers: 0, schemas: 0 }]);
});
