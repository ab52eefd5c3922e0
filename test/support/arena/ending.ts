import { expect } from 'vitest';
import { ids, sharedWave, type RunStatus } from '../../../contracts/messages.ts';
import { recover } from '../../../scripts/commands/recover.ts';
import type { Driver } from './driver.ts';

type Sight = (status: RunStatus) => boolean;

/** A step may be over before anybody sees it: then the run is met in one of those that follow. */
export const inPhase =
  (...phases: readonly string[]): Sight =>
  ({ phase }) =>
    phases.includes(phase);

/** Seen in one of these steps of the wave. */
export const inStep =
  (ofWave: string, ...steps: readonly string[]): Sight =>
  ({ wave, step }) =>
    wave === ofWave && steps.includes(step);

/**
 * Takes the run up again from the ledger by the work of `cutover recover` in this process: a program for each of forty times costs much. What it is told by the
 * environment is taken back: files that come after it in this worker start programs of their own.
 */
export async function recoverHere(driver: Driver): ReturnType<typeof recover> {
  const { environment } = driver.business;
  const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, environment);
  try {
    return await recover(driver.run);
  } finally {
    for (const [name, value] of before)
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
  }
}

/** Ends the run twice from outside as soon as it is seen there: once its children go on without it, and once they end with it. */
export async function endTwice(driver: Driver, where: string, seen: Sight): Promise<void> {
  await driver.until(where, seen);
  for (const childrenToo of [false, true]) {
    await endRun(driver, childrenToo);
    expect({ where, ...(await recoverHere(driver)) }).toMatchObject({ exitCode: 0, json: { how: 'started' } });
  }
}

/** Terminates the run as somebody in Temporal UI would: its children go on without it, or are terminated too. */
export async function endRun(driver: Driver, childrenToo: boolean): Promise<void> {
  await driver.handle.terminate('the test ends it');
  if (childrenToo) await endChildren(driver);
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
