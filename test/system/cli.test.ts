import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Driver, DriverOptions } from '../support/arena/driver.ts';
import { useArena } from '../support/arena/scenario.ts';
import { filled, paste, statusOf } from '../support/arena/pasted.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;

/** A plan name of its own, because the tests share a Temporal server and a run id is never used twice there. */
const called = (name: string): DriverOptions => ({
  waves: 2,
  plan: (plan) => {
    plan['name'] = name;
  },
});

const person = ['--by', 'it', '--role', 'it', '--reason', 'scenario'] as const;

test('says who is waited for, tells a hold by exit code, and counts a message once', async () => {
  driver = await arena.open('standings', called('standings'));
  await driver.start();
  await driver.atGate('baseline');
  const waiting = await statusOf(driver);
  expect(waiting).toMatchObject({ code: 3, standing: 'waiting' });
  expect(waiting.headline).toMatch(
    /^Waiting at gate baseline, attempt 1 for a decision of finance \(finance or controller\) and it \(it\), since .* If nobody acts, .* Next: .* decide /,
  );

  const requestId = randomUUID();
  const go = ['decide', driver.run, 'go', '--yes', '--request-id', requestId, ...person];
  expect((await driver.cli(...go)).code).toBe(0);
  expect((await driver.cli(...go)).code).toBe(0);
  const other = await driver.cli('hold', driver.run, '--request-id', requestId, ...person);
  expect([other.code, other.stdout]).toEqual([1, expect.stringContaining('This request id was used for another message')]);
  expect((await driver.ledger.decisions.all(driver.run)).filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
  const chair = await driver.cli('decide', driver.run, 'go', '--yes', '--by', 'it', '--role', 'finance', '--reason', 'scenario');
  expect([chair.code, chair.stdout]).toEqual([1, expect.stringContaining('neither holds the role')]);
  const stale = await driver.cli(
    'decide',
    driver.run,
    'go',
    '--gate',
    'baseline',
    '--attempt',
    '1',
    '--facts',
    'a'.repeat(64),
    '--by',
    'finance',
    '--role',
    'finance',
    '--reason',
    'scenario',
  );
  expect([stale.code, stale.stdout]).toEqual([1, expect.stringContaining('look at the gate again')]);

  expect((await driver.cli('hold', driver.run, ...person)).code).toBe(0);
  const held = await statusOf(driver);
  expect(held).toMatchObject({ code: 6, headline: expect.stringMatching(/^Held, since .*: scenario\. One of .* can resume/) as unknown });
  expect(await paste(driver, arena.stack().folder, `${filled(held.next, 'it')} --yes`)).toMatch(/^Accepted/);
  expect((await statusOf(driver)).code).toBe(3);
});

test("shows the ledger's view when no worker answers, and keeps a message until one does", async () => {
  await driver.atGate('baseline');
  await driver.worker.stop();
  const { code, stdout } = await driver.cli('status', driver.run);
  expect([code, stdout]).toEqual([3, expect.stringContaining('The workflow did not answer, most likely because no worker runs')]);
  expect(stdout).toMatch(/^Waiting at gate baseline, .* No worker answers: until one does, none of this happens\. Next: /);
  const requestId = randomUUID();
  const hold = ['hold', driver.run, '--request-id', requestId, '--wait', '1s', ...person];
  const unheard = await driver.cli(...hold);
  expect([unheard.code, unheard.stderr]).toEqual([1, expect.stringContaining('was sent and is kept, but nobody has judged it yet')]);
  await driver.startWorker();
  expect((await driver.cli('hold', driver.run, '--request-id', requestId, '--wait', '60s', ...person)).code).toBe(0);
  expect((await statusOf(driver)).code).toBe(6);
});

test('starts no run twice, none beside an open one, and none whose plan has changed under it', async () => {
  const { planFile, envFile } = driver.files;
  const start = async (...more: readonly string[]): Promise<string> => {
    const { code, stderr } = await driver.cli('start', planFile, '--env', envFile, ...more);
    expect(code).toBe(1);
    return stderr;
  };
  expect(await start()).toMatch(/^Run cutover\/standings\/1 is open\.\n.* status cutover\/standings\/1/);
  expect(await start('--attempt', '1')).toMatch(/is open/);
  expect(await start('--attempt', '2')).toMatch(/^Run cutover\/standings\/1 is open\./);
  await writeFile(planFile, (await readFile(planFile, 'utf8')).replace(/contact: .*/, 'contact: somebody else'));
  expect(await start('--attempt', '1')).toMatch(/the plan has changed since it was started/);
  await driver.handle.terminate('the scenario needs a dead workflow');
  const dead = await statusOf(driver);
  expect(dead).toMatchObject({
    code: 1,
    headline: expect.stringMatching(/^The workflow ended as TERMINATED without ending the run/) as unknown,
  });
});

test('tells a rollback by exit code, and refuses a message to a run that has ended', async () => {
  expect((await driver.cli('recover', driver.run)).code).toBe(0);
  expect((await driver.cli('rollback', driver.run, '--scope', 'run', '--yes', ...person)).code).toBe(0);
  await driver.handle.result();
  const back = await statusOf(driver);
  expect(back).toMatchObject({ code: 4, headline: expect.stringMatching(/^Rolled back at /) as unknown });
  const late = await driver.cli('hold', driver.run, ...person);
  expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('has ended')]);
});

test('names the way out of a run that no worker can open, because its env takes a password from a variable that nobody set', async () => {
  const { planFile, envFile } = driver.files;
  const env = await readFile(envFile, 'utf8');
  await writeFile(envFile, env.replace('CUTOVER_ERP_PASSWORD', 'CUTOVER_ERP_PASWORD'));
  await driver.start();
  await expect
    .poll(() => statusOf(driver), { timeout: 60_000 })
    .toMatchObject({
      code: 1,
      headline: expect.stringMatching(
        /^Started, but the worker that picked the run up cannot open it .*CUTOVER_ERP_PASWORD is not set/,
      ) as unknown,
      next: expect.stringMatching(/start plan\.yaml --env env\.yaml --attempt 3$/) as unknown,
    });
  await writeFile(envFile, env);
  const again = await driver.cli('start', planFile, '--env', envFile);
  expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/with another plan or env .* no worker has opened it yet/)]);
  const command = /the next number: (.*), and end the other one/.exec(again.stderr)?.[1] ?? '';
  expect(await paste(driver, arena.stack().folder, command)).toMatch(/^Started cutover\/standings\/3\./);
});
