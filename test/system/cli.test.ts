import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import type { WaitingGate } from '../../contracts/messages.ts';
import type { ReportData } from '../../contracts/report.ts';
import { childEnvironment } from '../../scripts/dev/child-environment.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import type { Driver, DriverOptions } from '../support/arena/driver.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pathWithCutover } from '../support/cutover-command.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;
const shell = promisify(execFile);

interface Shown {
  readonly waiting: WaitingGate | null;
  readonly standing: string;
  readonly headline: string;
  readonly next: string;
}

/** Pastes a command that the product printed into a shell, as a person would. */
async function paste(driver: Driver, command: string): Promise<string> {
  const path = await pathWithCutover(arena.stack().folder);
  const env = childEnvironment({ ...driver.business.environment, PATH: path });
  return (await shell('sh', ['-c', command], { cwd: projectRoot, env })).stdout;
}

/** The first of the commands that status offers, with who and why filled in: the program leaves them to the person. */
function filled(next: string, role: string): string {
  const [command = ''] = next.split(', or ');
  const by = role.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return command.replace('<you>', by).replace('<role>', role).replace('<why>', 'scenario');
}

async function statusOf(driver: Driver): Promise<Shown & { readonly code: number }> {
  const { code, stdout } = await driver.cli('status', driver.run, '--json');
  return { ...(JSON.parse(stdout) as Shown), code };
}

/** A plan name of its own, because the tests share a Temporal server and a run id is never used twice there. */
const called = (name: string): DriverOptions => ({
  waves: 2,
  plan: (plan) => {
    plan['name'] = name;
  },
});

const person = ['--by', 'it', '--role', 'it', '--reason', 'scenario'] as const;

test('carries a run to its close by the commands that status itself suggests, and nothing else', async () => {
  driver = await arena.open('suggested', called('suggested'));
  await driver.start();
  const seen = new Set<number>();
  let shown = await statusOf(driver);
  for (const until = Date.now() + 240_000; shown.standing !== 'done' && Date.now() < until; shown = await statusOf(driver)) {
    seen.add(shown.code);
    const role = shown.waiting?.missing[0];
    // A decision may find its gate decided since the status was read: then the next status says how it goes on.
    const said = role === undefined ? null : await paste(driver, filled(shown.next, role)).catch(() => null);
    if (said !== null) expect(said).toMatch(/^Accepted/);
    // Each look is a process: the next one is worth it once somebody is waited for, or the run has ended.
    else await driver.until('somebody is waited for', ({ waiting, end }) => waiting !== null || end !== null);
  }
  expect(shown).toMatchObject({ standing: 'done', code: 0 });
  expect(shown.headline).toMatch(/^Closed at .* nobody is waited for\./);
  expect(seen).toContain(3);
  expect([...seen].every((code) => code === 3 || code === 5)).toBe(true);
  await paste(driver, `${shown.next} --out ${join(arena.stack().folder, 'suggested-report')}`);
  const report = JSON.parse(await readFile(join(arena.stack().folder, 'suggested-report', 'report.json'), 'utf8')) as ReportData;
  expect(report.state).toBe('closed');
  expect(report.gates.filter(({ state }) => state === 'go').map(({ gate }) => gate)).toEqual([
    'baseline',
    'switch-pilot',
    'switch-east',
    'close',
  ]);
  const whole = (report.gates.at(-1)?.equations ?? []).filter(({ object }) => !object.startsWith('table '));
  expect(whole.map(({ object, balanced }) => [object, balanced])).toEqual([
    ['product', true],
    ['customer', true],
    ['order', true],
  ]);
}, 300_000);

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
  expect(await paste(driver, `${filled(held.next, 'it')} --yes`)).toMatch(/^Accepted/);
  expect((await statusOf(driver)).code).toBe(3);
});

test("shows the ledger's view when no worker answers, and keeps a message until one does", async () => {
  await driver.atGate('baseline');
  await driver.worker.stop();
  const { code, stdout } = await driver.cli('status', driver.run);
  expect([code, stdout]).toEqual([3, expect.stringContaining('The workflow did not answer, most likely because no worker runs')]);
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
