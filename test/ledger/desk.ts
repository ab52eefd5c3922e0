import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { judgeGate, openGate } from '../../activities/gates/gate.ts';
import { recordDecisions } from '../../activities/gates/record-decisions.ts';
import type { Deps } from '../../activities/deps.ts';
import type { GateCall, GateJudgement, Recorded } from '../../contracts/activities.ts';
import type { RunRef } from '../../contracts/messages.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { documentHash } from '../../records/canonical.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { inActivity, unused } from '../activities/alone.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';
import { sampleEnv, samplePlan } from '../support/sample-plan.ts';

const [plan, env] = [samplePlan((raw) => (raw.gates.retry.limits = [{ metric: 'openExceptions', max: 0 }])), sampleEnv()];
let own: OwnLedger;
/** Two pools, as two workers have them. */
let [ours, theirs]: readonly Ledger[] = [];
export let url = '';
export let ref: RunRef;
let runs = 0;
export const scope = (): string => `scope ${String(runs)}`;
/** Called while a gate measures, after its votes were counted: where the schedules of this page cut in. */
let whileMeasuring: () => Promise<unknown> = () => Promise.resolve();

/** A ledger of its own for the tests of a file; before each of them stands a run whose pilot was taken back, at its retry gate. */
export function useDesk(): void {
  beforeAll(async () => {
    own = await ownLedger();
    ({ url } = own);
    [ours, theirs] = [openLedger(url), openLedger(url)];
  });
  afterAll(async () => {
    await ours?.close();
    await theirs?.close();
    await own.drop();
  });
  beforeEach(async () => {
    runs += 1;
    whileMeasuring = () => Promise.resolve();
    ref = { run: `cutover/sample/${String(runs)}`, planHash: documentHash(plan), envHash: documentHash(env) };
    await ledger().runs.storeDocument(ref.planHash, 'plan', plan);
    await ledger().runs.storeDocument(ref.envHash, 'env', env);
    await ledger().runs.open(ref.run, ref.planHash, ref.envHash);
    await ledger().runs.bindScope(ref.run, scope(), 0);
    await ledger().waves.plan(ref.run, ['shared', 'pilot', 'east']);
    await state('pilot', 'rolledBack');
    await ledger().runs.beatGuard(ref.run);
    await inActivity(() => openGate(depsOn(ledger()))(gate()));
  });
  afterEach(() => {
    whileMeasuring = () => Promise.resolve();
  });
}

export const ledger = (): Ledger => {
  if (ours === undefined) throw new Error('the ledger is not open');
  return ours;
};
export const other = (): Ledger => {
  if (theirs === undefined) throw new Error('the ledger is not open');
  return theirs;
};
export const depsOn = (on: Ledger): Deps => {
  const usage = async (): Promise<{ used: number; limit: null }> => {
    await whileMeasuring();
    return { used: 0, limit: null };
  };
  const source = { capabilities: { freeze: null } } as never;
  return {
    ledger: on,
    systems: () => Promise.resolve({ plan, env, source, archive: unused, target: () => ({ usage }) as never }),
    point: () => undefined,
  };
};
export const gate = (): GateCall => ({ ...ref, gate: 'retry-pilot', kind: 'retry', wave: 'pilot' });

export function state(wave: string, to: string): Promise<unknown> {
  return askDatabase(url, [`update wave set state = '${to}' where run = '${ref.run}' and name = '${wave}'`]);
}

/** Records one decision through the other connection, as the clerk's activity does. */
export async function say(verb: string, more: Readonly<Record<string, unknown>> = {}, by = 'ada', role = 'finance'): Promise<Recorded> {
  const body = JSON.stringify({ requestId: randomUUID(), run: ref.run, verb, by, role, reason: 'a schedule', ...more });
  const signal = verb === 'go' || verb === 'noGo' ? 'decide' : verb;
  const [recorded] = await recordDecisions(depsOn(other()))(ref, [{ signal, body }]);
  if (recorded === undefined) throw new Error('nothing was recorded');
  return recorded;
}
export async function sayGo(): Promise<void> {
  const row = await ledger().gates.latest(ref.run, 'retry-pilot');
  const bound = { gate: 'retry-pilot', attempt: row?.attempt, factsHash: row?.factsHash };
  for (const [by, role] of [
    ['ada', 'finance'],
    ['bo', 'it'],
  ] as const)
    expect(await say('go', bound, by, role)).toMatchObject({ accepted: true });
}
export const look = (): Promise<GateJudgement> => inActivity(() => judgeGate(depsOn(ledger()))(gate(), 1));
export const gateState = async (): Promise<string | undefined> => (await ledger().gates.latest(ref.run, 'retry-pilot'))?.state;

/** Lets something happen while a gate measures. */
export function measureBeside(work: typeof whileMeasuring): void {
  whileMeasuring = work;
}
