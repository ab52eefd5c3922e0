import { expect, test } from 'vitest';
import type { LimitStanding } from '../../scripts/budget-lines.ts';
import type { JournalEntry } from '../../sandbox/journal.ts';
import type { Driver } from '../support/arena/driver.ts';
import { crmTable, CrmPerson, isErpPointer } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

/** What the organization allows in how long (ms), and how many of these calls somebody else makes. */
const [limit, windowMs, others] = [160, 40_000, 120];

/** The limits as `cutover status` tells them, in values and in words. */
async function limitsOf(driver: Driver): Promise<{ readonly limits: readonly LimitStanding[]; readonly text: string }> {
  const { stdout } = await driver.cli('status', driver.run, '--json');
  const { calls } = JSON.parse(stdout) as { readonly calls: { readonly limits: readonly LimitStanding[] } | null };
  return { limits: calls?.limits ?? [], text: (await driver.cli('status', driver.run)).stdout };
}

/** Calls of the runner that the organization refused because of its limit, in its own journal. */
async function refused({ business }: Driver): Promise<number> {
  const journal = (await (await fetch(`${business.crm.url}/_sandbox/journal`)).json()) as readonly JournalEntry[];
  return journal.filter(({ user, outcome }) => user?.startsWith('cutover') === true && outcome === 'REQUEST_LIMIT_EXCEEDED').length;
}

const pointerOf = ({ BookOfRecord__c: pointer }: Record<string, unknown>): unknown => pointer;

/** Names of all timers in the histories of a run. */
async function timersOf(driver: Driver): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { workflowId, runId } of driver.client.workflow.list()) {
    const { events } = await driver.client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { timerStartedEventAttributes: timer, userMetadata } of events ?? [])
      if (timer != null) names.push(JSON.parse(Buffer.from(userMetadata?.summary?.data ?? '""').toString()) as string);
  }
  return names;
}

test('a run whose organization lets nearly nothing through waits with a reason and a time, goes on when the window has moved, never exceeds the limit, and is taken back inside its reserve', async () => {
  const driver = await arena.open('budget', {
    waves: 2,
    plan: ({ systems }) => void Object.assign((systems as Record<string, object>)['crm'] ?? {}, { budget: { reserve: 0.5 } }),
    env: ({ systems }) =>
      void Object.assign((systems as Record<string, object>)['crm'] ?? {}, { apiWindowMs: { env: 'CUTOVER_CRM_API_WINDOW_MS' } }),
    worker: { CUTOVER_CRM_API_WINDOW_MS: String(windowMs) },
  });
  const { business } = driver;
  const before = await crmTable(business, 'Account');
  const seed = { dailyRequests: limit, requestWindowMs: windowMs };
  await fetch(`${business.crm.url}/_sandbox/seed`, { method: 'POST', body: JSON.stringify(seed) });
  const neighbour = await CrmPerson.enter(business);
  await driver.start();
  await driver.pass('baseline');
  await neighbour.useUp(others);
  let told = await limitsOf(driver);
  const end = Date.now() + windowMs;
  while (!told.limits.some(({ waits }) => waits.some(({ kind }) => kind === 'load')) && Date.now() < end) told = await limitsOf(driver);
  expect(told.limits).toMatchObject([{ system: 'crm', limit, lengthMs: windowMs, reserve: 0.5 }]);
  expect(told.text).toMatch(/crm: \d+ % of 160 calls in 40 s used; .*the load goes on at \d\d:\d\d:\d\d UTC/);

  await driver.atGate('switch-pilot');
  expect(await refused(driver)).toBe(0);
  expect(
    (await timersOf(driver)).filter((name) => /^crm: \d+ % of 160 calls in 40 s used, goes on at \d\d:\d\d:\d\d UTC$/.test(name)),
  ).not.toEqual([]);

  await driver.pass('switch-pilot');
  await driver.untilWave('pilot', 'switched');
  expect((await crmTable(business, 'Account')).map(pointerOf).filter(isErpPointer)).toHaveLength(3);
  await neighbour.useUp(others);
  expect(await driver.takeBackRun()).toMatch(/^rolled back/);
  expect((await crmTable(business, 'Account')).map(pointerOf)).toEqual(before.map(pointerOf));
  expect(await refused(driver)).toBe(0);
});
