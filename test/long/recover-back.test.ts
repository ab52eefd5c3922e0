import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { ids, sharedWave } from '../../contracts/messages.ts';
import { clearFaults } from '../../scripts/dev/faults.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import type { Tables } from '../../scripts/dev/tables.ts';
import type { Driver } from '../support/arena/driver.ts';
import { endTwice, inPhase, inStep, recoverHere } from '../support/arena/ending.ts';
import { references } from '../support/arena/expectations.ts';
import { erpTable } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders, unhurried } from '../support/small-plan.ts';

const arena = useArena({ goesOn: true });
let driver: Driver;
/** The target's records before a run. */
let untouched: Tables;

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
  for (const end = Date.now() + 180_000; !(await isSo()); await new Promise((resolve) => setTimeout(resolve, 200)))
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
  driver = await arena.open('recover-back', { faults: true, waves: 2, timings: unhurried });
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
  expect(await recoverHere(driver)).toMatchObject({ exitCode: 0, json: { how: 'told' } });
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
