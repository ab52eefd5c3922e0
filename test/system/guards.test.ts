import { expect, test } from 'vitest';
import type { Driver } from '../support/arena/driver.ts';
import { expectReturned, references } from '../support/arena/expectations.ts';
import { erpTable } from '../support/arena/people.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';

const arena = useArena({ goesOn: true });
/** Breaches are what these tests wait for. */
const guardEvery = '4s';
let harmless: Driver;

/** The wave has been tried as often as the plan allows: the run is held and says so, and a resume allows one attempt more. */
async function resumeUsedUp(driver: Driver, wave: string): Promise<void> {
  await driver.until('held', ({ held }) => held?.includes(`wave ${wave} has been tried once`) === true);
  const { stdout } = await driver.cli('status', driver.run);
  expect(stdout).toContain('then a resume allows one attempt more');
  expect(stdout).toMatch(new RegExp(`Next: .* resume ${driver.run} `));
  expect((await driver.resume()).state).toBe('accepted');
}

test('acts while a gate waits: a sale that staff confirmed too early trips the harmless guard, and the next attempt takes it over', async () => {
  harmless = await arena.open('harmless', {
    ...{ waves: 2, autoInvoice: ['11074'], timings: { guardEvery } },
    plan: ({ gates }) => void ((gates as { retry: { maxAttempts: number } }).retry.maxAttempts = 1),
  });
  const driver = harmless;
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.atGate('switch-pilot');
  // Staff confirm a loaded quotation by hand, before its account was switched.
  const person = await ErpPerson.enter(business.erp);
  const [sale] = await person.search('sale.sale', [['reference', '=', '11077']]);
  await person.call('sale.sale.confirm', [sale]);
  await resumeUsedUp(driver, 'pilot');
  await driver.atGate('retry-pilot');
  const gate = await driver.cli('gate', driver.run, 'retry-pilot');
  expect(gate.stdout).toContain('Attempt 1 of the wave was taken back');
  expect(gate.stdout).toMatch(/Undone: [1-9]\d* writes\. Kept: [1-9]/);
  const [breach] = (await driver.ledger.guards.all(driver.run)).filter(({ verdict }) => verdict === 'breach');
  expect(breach).toMatchObject({ guard: 'harmless', wave: 'pilot', answer: 'rollback' });
  // What a person confirmed cannot be taken back and is not: it is listed.
  const remaining = await erpTable(business, 'sale.sale');
  expect(remaining.map(({ reference }) => reference)).toEqual(['11077']);
  await expectReturned(business, ['11077']);
  expect((await driver.ledger.exceptions.openOf(driver.run)).map(({ object, sourceId }) => `${object} ${sourceId}`)).toContain(
    'order 11077',
  );

  for (const gate of ['retry-pilot', 'switch-pilot']) await driver.pass(gate);
  await driver.untilWave('pilot', 'switched');
  const sales = (await erpTable(business, 'sale.sale')).filter(({ reference }) => pilotOrders.includes(String(reference)));
  expect(references(sales)).toEqual([...pilotOrders].sort());
  expect(new Set(sales.map(({ state }) => state))).toEqual(new Set(['processing']));
  expect(sales.find(({ reference }) => reference === '11077')).toMatchObject({ id: sale });
  await expectReturned(business, []);
});

test('finds the one sale that makes its own invoice before its account was switched', async () => {
  const driver = harmless;
  await resumeUsedUp(driver, 'east');
  await driver.atGate('retry-east');
  const [breach] = (await driver.ledger.guards.all(driver.run)).filter(({ verdict, wave }) => verdict === 'breach' && wave === 'east');
  expect(breach).toMatchObject({ guard: 'harmless', answer: 'rollback', k: 1 });
  expect(breach?.reason).toContain('order 11074: invoices');
});
