import { expect, test } from 'vitest';
import { sharedWave } from '../../contracts/messages.ts';
import type { Driver } from '../support/arena/driver.ts';
import { endTwice, inPhase, inStep } from '../support/arena/ending.ts';
import { expectClosed } from '../support/arena/expectations.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();
/** Longer waits, so that the run can be met in each of them. */
const timings = { soak: '3s', parallelRun: '4s', hypercare: '4s', reconcileEvery: '1s' } as const;

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
  const driver = await arena.open('recover', { faults: true, timings, waves: 2 });
  const ended = (where: string, seen: Parameters<typeof endTwice>[2]): Promise<void> => endTwice(driver, where, seen);
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
  await ended('soak', (status) => inStep('pilot', 'soak')(status) || status.wave === 'east');
  await ended('expansion', ({ wave }) => wave === 'east');
  await driver.atGate('switch-east');
  expect((await driver.rollback('east')).state).toBe('accepted');
  await driver.untilWave('east', 'undoing', 'rolledBack');
  await ended('rollback of a wave', () => true);
  await recoverAtGate(driver, 'retry-east');
  await driver.pass('switch-east');
  await ended('hypercare', inPhase('hypercare'));
  await recoverAtGate(driver, 'close');
  expect(await driver.handle.result()).toMatch(/^closed/);
  await expectClosed(driver.business);
});
