import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities } from '../../activities/activities.ts';
import type { Deps } from '../../activities/deps.ts';
import type { AllActivities, LaneEnd, RunSetup } from '../../contracts/activities.ts';
import { gateNames, ids, sharedWave, type RunRef, type WaveRef } from '../../contracts/messages.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { startBusiness, type Business } from '../../scripts/dev/business.ts';
import { readPlan } from '../../scripts/read-plan.ts';
import { connectSystems } from '../../workers/systems.ts';
import { inActivity } from './alone.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';
import { dropDatabases, patient } from '../support/own-ledger.ts';
import { smallAccounts, writeSmallPlan, type SmallPlanChanges } from '../support/small-plan.ts';

/** A business with the activities of its run, called one by one in the order in which the workflows would. */
export interface Bench {
  readonly business: Business;
  readonly ledger: Ledger;
  readonly deps: Deps;
  readonly act: AllActivities;
  readonly ref: RunRef;
  wave(name: string, attempt?: number): WaveRef;
  /** Loads the records of a wave that need it, objects in their order. */
  load(ref: WaveRef): Promise<void>;
  /** Opens and loads a wave, and compares it. */
  bringIn(name: string, attempt?: number): Promise<WaveRef>;
  /** From the freeze to the switch. */
  switchOver(ref: WaveRef): Promise<void>;
  /** The rollback of a wave up to the thaw. */
  takeBack(ref: WaveRef): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a business and takes its run to the point where the shared records are loaded; `prepare` comes before the run looks at anything. */
export async function startBench(
  changes: SmallPlanChanges = {},
  prepare: (business: Business) => Promise<void> = () => Promise.resolve(),
): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const { postgres } = await sharedStack();
  const name = `bench_${randomUUID().slice(0, 8)}`;
  const nowhere = {
    address: '127.0.0.1:1',
    namespace: 'default',
    ui: null,
    pid: null,
    stop: () => Promise.resolve(),
    crash: () => Promise.resolve(),
  };
  const business = await startBusiness(
    { folder, postgres, temporal: nowhere, stop: () => Promise.resolve() },
    { name, customers: smallAccounts, dirt: 'none', faults: true, commitHorizonMs: 0 },
  );
  await prepare(business);
  const ledger = openLedger(patient(business.ledgerUrl));
  const ref = await storePlan(ledger, folder, { ...changes, timings: { callTimeout: '30s', ...changes.timings } }, 1);
  const connected = connectSystems(ledger, (name) => business.environment[name] ?? '');
  const deps: Deps = { ledger, systems: connected.systems, point: () => undefined };
  const act = allAlone(createActivities(deps));
  const bench = { business, ledger, deps, act, ref, ...steps(act, ledger, ref) };
  const stop = async (): Promise<void> => {
    await connected.dispose();
    await ledger.close();
    await business.stop();
    await dropDatabases(postgres, [`ledger_${name}`, `legacy_${name}`]);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await begin(bench);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...bench, stop };
}

/** From preflight to the shared records. */
async function begin({ act, ref, ...bench }: Pick<Bench, 'act' | 'ref' | 'bringIn'>): Promise<void> {
  await act.openRun(ref);
  const problems = await act.preflight(ref);
  if (problems.length > 0) throw new Error(problems.join('; '));
  await act.freezeConfiguration(ref);
  await act.exportAll(ref);
  await bench.bringIn(sharedWave);
}

/** The run of this number on the same ledger, by the same plan or a stored one, taken to the point where the shared records are loaded. */
export async function nextRun(bench: Bench, attempt: number, stored: RunRef = bench.ref): Promise<Bench> {
  const ref = { ...stored, run: stored.run.replace(/\d+$/, String(attempt)) };
  const next = { ...bench, ref, ...steps(bench.act, bench.ledger, ref) };
  await begin(next);
  return next;
}

/** The wave as if nobody had begun it: what a test before did with it is taken back, and its next attempt stands ready. */
export async function anew({ ledger, act, ref, ...bench }: Bench, name: string): Promise<WaveRef> {
  const { state, attempt } = await ledger.waves.get(ref.run, name);
  if (state === 'planned') return bench.wave(name, attempt);
  await bench.takeBack(bench.wave(name, attempt));
  await act.finishUndo(bench.wave(name, attempt));
  await act.beginAttempt(bench.wave(name, attempt + 1));
  return bench.wave(name, attempt + 1);
}

/** The same, brought in. */
export async function broughtIn(bench: Bench, name: string): Promise<WaveRef> {
  return bench.bringIn(name, (await anew(bench, name)).attempt);
}

/** From shadow behind its freeze: a wave is frozen, read, loaded, verified and compared. */
export async function verifyFrozen(bench: Bench, ref: WaveRef): Promise<void> {
  const { act } = bench;
  await act.enterShadow(ref);
  await act.freezeWave(ref);
  await act.stageDelta(ref);
  await bench.load(ref);
  await act.verifyWave(ref);
  await act.compareBooks(ref);
}

/** Takes back these waves and the shared one, and ends the run. */
export async function endBack(bench: Bench, waves: readonly string[]): Promise<string> {
  for (const name of [...waves, sharedWave]) {
    await bench.takeBack(bench.wave(name));
    await bench.act.finishUndo(bench.wave(name));
  }
  return String(await bench.act.endRun(bench.ref, 'rolledBack'));
}

/** Stores a small plan as `cutover start` would; the run gets this number. */
export async function storePlan(ledger: Ledger, folder: string, changes: SmallPlanChanges, attempt: number): Promise<RunRef> {
  const files = await writeSmallPlan(folder, changes);
  const { plan, env, problems } = await readPlan(files.planFile, files.envFile);
  if (plan === null || env === null) throw new Error(problems.map(({ message }) => message).join('; '));
  await ledger.runs.storeDocument(plan.hash, 'plan', plan.body);
  await ledger.runs.storeDocument(env.hash, 'env', env.body);
  return { run: ids.run(plan.meaning.name, attempt), planHash: plan.hash, envHash: env.hash };
}

/** Activities of a worker that dies where `where` says. */
export function dying({ deps }: Bench, where: Partial<Deps>): AllActivities {
  return allAlone(createActivities({ ...deps, ...where }));
}

/** The activities, each called where no Temporal listens. */
export function allAlone(activities: AllActivities): AllActivities {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    (...args: readonly unknown[]): unknown => inActivity(() => (activity as (...values: readonly unknown[]) => Promise<unknown>)(...args)),
  ]);
  return Object.fromEntries(wrapped) as AllActivities;
}

/** Calls a lane as often as it asks for; on a busy machine the guard may look dead when its turn comes. */
export async function runLane(call: () => Promise<LaneEnd>, beat: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  for (let end = await call(); end.end !== 'done'; end = await call()) {
    if (end.end === 'noGuard') await beat();
    else if (end.end !== 'wait') throw new Error(`the lane ended as ${end.end}: ${end.why}`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(end.waitMs, 500)));
  }
}

function steps(act: AllActivities, ledger: Ledger, run: RunRef): Pick<Bench, 'wave' | 'load' | 'bringIn' | 'switchOver' | 'takeBack'> {
  const beat = (): Promise<void> => ledger.runs.beatGuard(run.run);
  const wave = (name: string, attempt = 1): WaveRef => ({ ...run, wave: name, attempt });
  let setup: RunSetup | undefined;
  const load = async (ref: WaveRef): Promise<void> => {
    const { sharedObjects, accountObjects } = (setup ??= (await act.openRun(ref)).setup);
    for (const object of ref.wave === sharedWave ? sharedObjects : accountObjects) {
      for (const lane of await inActivity(() => act.planLoad(ref, object))) {
        await ledger.runs.beatGuard(ref.run);
        await runLane(() => act.loadLane(ref, lane), beat);
      }
    }
    await ledger.runs.beatGuard(ref.run);
    for (const lane of await act.planTombstones(ref)) await runLane(() => act.loadLane(ref, lane), beat);
  };
  const bringIn = async (name: string, attempt = 1): Promise<WaveRef> => {
    const ref = wave(name, attempt);
    await act.openWave(ref);
    await load(ref);
    await act.enterShadow(ref);
    await act.compareBooks(ref);
    return ref;
  };
  const switchOver = async (ref: WaveRef): Promise<void> => {
    await act.freezeWave(ref);
    await act.stageDelta(ref);
    await load(ref);
    await act.openGate({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' });
    if ((await act.sealWave(ref)) !== 'sealed') throw new Error('the wave could not be sealed');
    for (const lane of await act.planSwitch(ref)) await runLane(() => act.switchLane(ref, lane));
    await act.finishSwitch(ref);
    await act.compareBooks(ref);
  };
  const takeBack = async (ref: WaveRef): Promise<void> => {
    await act.raiseWave(ref, `back-${ref.wave}-${String(ref.attempt)}`, 'bench');
    await act.endSessions(ref);
    await settle(act, ref);
    await act.exportNewBusiness(ref);
    await undoAll(act, ref);
    await act.exportNewBusiness(ref);
    await act.thawWave(ref);
  };
  return { wave, load, bringIn, switchOver, takeBack };
}

/** Undoes what a wave has written, until the target is searched and nothing of ours is left. */
export async function undoAll(act: AllActivities, ref: WaveRef): Promise<void> {
  do {
    for (const lane of await act.planUndo(ref)) await runLane(() => act.undoLane(ref, lane));
    await settle(act, ref);
  } while ((await act.searchLeftovers(ref)) > 0);
}

async function settle(act: AllActivities, ref: WaveRef): Promise<void> {
  for (let { open, waitMs } = await act.settleOpen(ref); open > 0; { open, waitMs } = await act.settleOpen(ref))
    await new Promise((resolve) => setTimeout(resolve, waitMs));
}
