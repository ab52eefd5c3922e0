import { expect, test } from 'vitest';
import { askDatabase } from '../../scripts/dev/sql.ts';
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

/** Resumes whatever the watcher holds for the change until the gate is asked anew: each wave is looked at by itself, and one look may meet the changes half made. */
async function resumeUntilAskedAnew(driver: Driver, attempt: number): Promise<void> {
  const isAsked = async (): Promise<boolean> => {
    const { held, waiting } = await driver.status();
    if (held !== null) await driver.resume();
    return held === null && waiting?.gate === 'switch-pilot' && waiting.attempt > attempt;
  };
  const end = Date.now() + 240_000;
  while (!(await isAsked())) {
    if (Date.now() > end) throw new Error(`never asked anew: ${JSON.stringify(await driver.status())}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('a configuration that changes while people decide is an alarm at the next look and a fact of the gate, which asks anew; put right, it is neither', async () => {
  const driver = await arena.open('drift', { waves: 2, timings: { guardEvery: '4s' } });
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
  await resumeUntilAskedAnew(driver, first.attempt);
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
  await driver.pass('switch-pilot');
  await driver.untilWave('pilot', 'switched');
});
