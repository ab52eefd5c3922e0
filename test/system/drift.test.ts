import { expect, test } from '@jest/globals';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { expectClosed } from '../support/arena/expectations.ts';
import { inLegacy, setUp } from '../support/arena/people.ts';
import type { Driver } from '../support/arena/driver.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

/** What the gate shows of the changes below, by the words of each system. */
const drift = [
  /legacy: new: orders\.note text/,
  /erp: changed: field party\.party\.name: .*size 60/,
  /crm: changed: field Lead\.Status: picklist.* Open$/m,
  /crm: new: assignment rule .*"By country" "Lead" false/,
];

/** How many facts the changes below make: the rule that changed has a new line and misses its old one. */
const changes = 5;

/** Sets a column, a length, a picklist and a routing rule as they were, or otherwise. */
async function configure({ business }: Driver, as: 'before' | 'changed'): Promise<void> {
  const isChanged = as === 'changed';
  await setUp(business.crm, {
    picklists: { 'Lead.Status': isChanged ? ['Open'] : ['Open', 'Closed'] },
    assignmentRules: [{ Name: 'By country', Active: !isChanged }],
  });
  await setUp(business.erp, { sizes: { 'party.party.name': isChanged ? 60 : null } });
  await inLegacy(business, 'admin', `alter table orders ${isChanged ? 'add column note text' : 'drop column if exists note'}`);
}

/** How many changes each of the watcher's looks at the configuration found since then, in their order, by the wave it looked for. */
async function looksSince({ business, run }: Driver, since: unknown): Promise<ReadonlyMap<string, readonly number[]>> {
  const [rows = []] = await askDatabase(business.ledgerUrl, [
    `select wave, numerator from measurement where run = '${run}' and metric = 'configurationDrift' and at > '${String(since)}' order by id`,
  ]);
  const byWave = Map.groupBy(rows, ({ wave }) => String(wave));
  return new Map([...byWave].map(([wave, looks]) => [wave, looks.map(({ numerator }) => Number(numerator))]));
}

/** Resumes until each wave was looked at again after the look that found all changes: one may have met them half made, and the rest is another breach. */
async function acceptAll(driver: Driver, since: unknown): Promise<void> {
  const isTold = (looks: readonly number[]): boolean => looks.filter((found) => found === changes).length >= 2;
  while (![...(await looksSince(driver, since)).values()].every(isTold)) {
    if ((await driver.status()).held !== null) expect((await driver.resume()).state).toBe('accepted');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('a configuration that changes while people decide is an alarm at the next look and a fact of the gate, which asks anew; put right, it is neither', async () => {
  const driver = await arena.open('drift');
  const { business } = driver;
  await configure(driver, 'before');
  await driver.start();
  await driver.pass('baseline');
  const first = await driver.atGate('switch-pilot');
  const [last = '', ...others] = [...first.roles].reverse();
  for (const role of others) expect((await driver.decide(first, 'go', role)).state).toBe('accepted');

  await configure(driver, 'changed');
  const [[changed] = []] = await askDatabase(business.ledgerUrl, ['select clock_timestamp()::text as at']);
  const { held } = await driver.until('held', (status) => status.held !== null);
  expect(held).toMatch(/^configuration: configurationDrift is \d in \d+/);
  // A look that began before the change may end after it.
  const looks = (await looksSince(driver, changed?.['at'])).get('pilot') ?? [];
  expect(looks.slice(0, 2).some((found) => found > 0)).toBe(true);
  expect((await driver.decide(first, 'go', last)).state).toBe('accepted');
  await acceptAll(driver, changed?.['at']);
  await driver.until('asked anew', ({ waiting }) => waiting?.gate === 'switch-pilot' && waiting.attempt > first.attempt);
  const gate = (await driver.cli('gate', driver.run, 'switch-pilot')).stdout;
  expect(gate).toContain('Configuration that is not as it was frozen:');
  for (const line of drift) expect(gate).toMatch(line);
  const ended = (await driver.ledger.gates.all(driver.run)).find(
    ({ gate: name, attempt }) => name === first.gate && attempt === first.attempt,
  );
  expect(ended?.state).not.toBe('go');

  await configure(driver, 'before');
  expect((await driver.cli('gate', driver.run, '--again')).stdout).not.toContain('Configuration that is not as it was frozen:');
  await driver.until('measured again', ({ waiting }) => waiting !== null && waiting.attempt > first.attempt);
  await driver.finish(['switch-pilot', 'switch-east', 'switch-west', 'close']);
  await expectClosed(business);
});
