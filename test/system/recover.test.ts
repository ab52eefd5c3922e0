import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { ids, sharedWave, type RunStatus } from '../../contracts/messages.ts';
import { recover } from '../../scripts/commands/recover.ts';
import { clearFaults } from '../../scripts/dev/faults.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Tables } from '../../scripts/dev/tables.ts';
import { expectClosed, references } from '../support/arena/expectations.ts';
import type { Driver } from '../support/arena/driver.ts';
import { erpTable } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;
/** The target's records before a run. */
let untouched: Tables;

/** Longer waits, so that the run can be met in each of them. */
const timings = { soak: '3s', parallelRun: '4s', hypercare: '4s', reconcileEvery: '1s' } as const;

type Children = 'alive' | 'dead';
type Sight = (status: RunStatus) => boolean;
/** A step may be over before anybody sees it: then the run is met in one of those that follow. */
const inPhase =
  (...phases: readonly string[]): Sight =>
  ({ phase }) =>
    phases.includes(phase);
const inStep =
  (ofWave: string, ...steps: readonly string[]): Sight =>
  ({ wave, step }) =>
    wave === ofWave && steps.includes(step);
const inWave =
  (ofWave: string): Sight =>
  ({ wave }) =>
    wave === ofWave;

/** Ends the run from outside, with or without its children, and takes it up again as the command of the documents does. */
async function endAndRecover(driver: Driver, children: Children, where: string): Promise<void> {
  await driver.handle.terminate(`the test ends it: ${where}`);
  if (children === 'dead') await endChildren(driver);
  // The command's own work in this process: a program for each of forty times costs a third of the whole scenario.
  Object.assign(process.env, driver.business.environment);
  expect({ where, ...(await recover(driver.run)) }).toMatchObject({ exitCode: 0, json: { how: 'started' } });
}

/** Ends the run twice as soon as it is seen there: once its children go on without it, and once they end with it. */
async function endTwice(driver: Driver, where: string, seen: Sight): Promise<void> {
  await driver.until(where, seen);
  await endAndRecover(driver, 'alive', where);
  await endAndRecover(driver, 'dead', where);
}

async function endChildren(driver: Driver): Promise<void> {
  const of = (name: string): readonly string[] =>
    [1, 2].flatMap((attempt) => [ids.wave, ids.parallelRun, ids.rollback].map((id) => id(driver.run, name, attempt)));
  const known = [ids.watch(driver.run), ...[sharedWave, 'pilot', 'east', 'west'].flatMap(of)];
  const listed: string[] = [];
  for await (const { workflowId } of driver.client.workflow.list({ query: `ExecutionStatus = 'Running'` })) listed.push(workflowId);
  for (const workflowId of new Set([...known, ...listed.filter((id) => id.startsWith(`${driver.run}/`))]))
    await driver.client.workflow
      .getHandle(workflowId)
      .terminate('the test ends it')
      .catch(() => undefined);
}

/** One vote before the ends, the others after them: at the same attempt of the gate. */
async function recoverAtGate(driver: Driver, gate: string): Promise<void> {
  const before = await driver.atGate(gate);
  const [first = '', ...others] = before.roles;
  expect((await driver.decide(before, 'go', first)).state).toBe('accepted');
  if (others.length > 0) {
    await endTwice(driver, `at gate ${gate}`, () => true);
    expect(await driver.atGate(gate)).toMatchObject({ attempt: before.attempt, factsHash: before.factsHash });
  }
  for (const role of others) expect((await driver.decide(before, 'go', role)).state).toBe('accepted');
}

test('a run that is terminated at every step, with its children and without them, is taken up from the ledger each time and comes to its close', async () => {
  driver = await arena.open('recover', { faults: true, timings, waves: 2 });
  const ended = (where: string, seen: Sight): Promise<void> => endTwice(driver, where, seen);
  await driver.start();
  // Before its first step the run is not in the ledger.
  await ended('preflight', (status) => status.step !== 'starting' && inPhase('preflight', 'configurationFreeze', 'finalExport')(status));
  await ended('export', inPhase('finalExport', 'pilot'));
  await ended('shared load', inStep(sharedWave, 'loading', 'verifying'));
  await recoverAtGate(driver, 'baseline');
  await ended('pilot load', inStep('pilot', 'loading', 'verifying', 'parallelRun', 'parallel run'));
  await ended('parallel run', inStep('pilot', 'parallel run'));
  await ended('frozen', inStep('pilot', 'reading the last delta', 'verifying', 'gate switch-pilot'));
  await recoverAtGate(driver, 'switch-pilot');
  await ended('switching', inStep('pilot', 'switching', 'smoke', 'soak'));
  await ended('soak', (status) => inStep('pilot', 'soak')(status) || inWave('east')(status));
  await ended('expansion', inWave('east'));
  await driver.atGate('switch-east');
  expect((await driver.rollback('east')).state).toBe('accepted');
  await driver.untilWave('east', 'undoing');
  await ended('rollback of a wave', () => true);
  await recoverAtGate(driver, 'retry-east');
  await driver.pass('switch-east');
  await ended('hypercare', inPhase('hypercare'));
  await recoverAtGate(driver, 'close');
  expect(await driver.handle.result()).toMatch(/^closed/);
  await expectClosed(driver.business);
});

/** Sets the run back in Temporal to the newest task of it that was done before the end of its child `before`, or to the newest of all. */
async function setBack(driver: Driver, before: string | null): Promise<void> {
  const events = (await driver.handle.fetchHistory()).events ?? [];
  const isEnd = (event: (typeof events)[number]): boolean =>
    event.childWorkflowExecutionCompletedEventAttributes?.workflowExecution?.workflowId === before;
  const end = before === null ? events.length : events.findIndex(isEnd);
  const newest = events.slice(0, Math.max(0, end)).findLast((event) => event.workflowTaskCompletedEventAttributes != null)?.eventId;
  expect(newest).toBeDefined();
  await driver.client.workflowService.resetWorkflowExecution({
    namespace: driver.business.namespace,
    workflowExecution: { workflowId: driver.run },
    reason: 'the test sets it back',
    workflowTaskFinishEventId: newest ?? null,
    requestId: randomUUID(),
  });
}

/** Waits until this has come about. */
async function come(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await isSo()); await new Promise((resolve) => setTimeout(resolve, 200)))
    if (Date.now() > end) throw new Error(`never came about: ${what}`);
}

/** Ends the run from outside in the last step of a child, so that the end of the child finds nobody who could hear it. */
async function endBeforeItsChild(driver: Driver, wave: string): Promise<void> {
  const child = ids.wave(driver.run, wave, 1);
  await driver.comesSlowlyTo(wave, 'verifying');
  await driver.handle.terminate('the test ends it before its child ends');
  await clearFaults(driver.business.faults.erp);
  await come('the child has ended', async () => (await driver.ledger.steps.childEnd(child)) !== null);
  await come('the run is held', async () => (await driver.ledger.holds.standing(driver.run)).holds.length > 0);
}

test('a run that is set back in Temporal goes on to its gate, whether its child had ended, had ended while the run was terminated, or still works', async () => {
  driver = await arena.open('recover-back', { faults: true, waves: 2 });
  untouched = await erpTables(driver.business);
  await driver.start();
  const before = await driver.atGate('baseline');
  await setBack(driver, ids.wave(driver.run, sharedWave, 1));
  expect(await driver.atGate('baseline')).toMatchObject({ attempt: before.attempt, factsHash: before.factsHash });
  await driver.pass('baseline');
  await endBeforeItsChild(driver, 'pilot');
  await setBack(driver, null);
  await driver.until('parallel run', inStep('pilot', 'parallel run'));
  await setBack(driver, null);
  const gate = await driver.atGate('switch-pilot');
  const { runId } = await driver.handle.describe();
  Object.assign(process.env, driver.business.environment);
  expect(await recover(driver.run)).toMatchObject({ exitCode: 0, json: { how: 'told' } });
  await come('the run reads the ledger again', async () => (await driver.handle.describe()).runId !== runId);
  expect(await driver.atGate('switch-pilot')).toMatchObject({ attempt: gate.attempt, factsHash: gate.factsHash });
  expect(references(await erpTable(driver.business, 'sale.sale'))).toEqual([...pilotOrders].sort());
});

test('a rollback of the run that is terminated is taken up, legacy is the book again, and the plan goes forward anew', async () => {
  expect((await driver.rollback('run')).state).toBe('accepted');
  await endTwice(driver, 'rollback of the run', inPhase('rollback'));
  expect(await driver.handle.result()).toMatch(/^rolled back; legacy is the book again/);
  expect(differences(untouched, await erpTables(driver.business))).toEqual([]);
  const ended = await driver.cli('recover', driver.run, '--json');
  expect(ended).toMatchObject({ code: 1, stdout: expect.stringContaining('there is nothing to take up') as unknown });
  await driver.start();
  await driver.pass('baseline');
  expect((await driver.atGate('switch-pilot')).shut).toEqual([]);
  expect(references(await erpTable(driver.business, 'sale.sale'))).toEqual([...pilotOrders].sort());
});
