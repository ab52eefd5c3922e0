import type { GateKind, RunSetup } from '../contracts/activities.ts';
import { sharedWave } from '../contracts/messages.ts';
import type { Phase } from '../domain/plan/phases.ts';
import { named, quickly } from './activity-proxies.ts';
import { waitAtGate, type GateEnd } from './gate.ts';
import type { Run } from './run/state.ts';
import { heldSignal, resumedSignal, tellAgainSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';
import { condition } from './timers.ts';

/** What the plan says, once the run is opened. */
export function setupOf(run: Run): RunSetup {
  if (run.setup === null) throw new Error('the run has not been opened');
  return run.setup;
}

/** Enters a phase: on the status, in the ledger, and by its name on the Timeline. */
export async function enter(run: Run, phase: Phase, shown: Omit<Parameters<Run['show']>[0], 'phase'> = {}): Promise<void> {
  run.show({ phase, ...shown });
  // One that the execution before this had entered is not entered twice.
  const isEntered = !run.hasEntered && run.standing?.hasBegun === true && run.standing.phase === phase;
  run.hasEntered = true;
  if (!isEntered) await named(`phase ${phase}`).enterPhase(run.ref, phase);
}

/** Waits while the run, or this wave of it, is held; the timer shows it on the Timeline. */
export async function whileHeld(run: Run, wave: string = sharedWave): Promise<void> {
  for (let held = run.heldOn(wave); held !== null; held = run.heldOn(wave))
    await condition(() => run.heldOn(wave) === null, '1h', { summary: `held: ${held}` });
}

/**
 * Holds the run until somebody lifts that; `cause` holds it once, also where this is reached again after the run was taken up. `follows` says what a
 * resume then brings about.
 */
export async function holdUntilResumed(run: Run, reason: string, cause: string, follows: string | null = null): Promise<void> {
  if (!(await quickly.placeHold(run.ref, { scope: 'run', source: 'gate', reason, follows, cause }))) return;
  await hearStanding(run);
  await whileHeld(run);
}

/** Asks the ledger what stands, and tells the child that works on the present wave whether it is held, where that has changed. */
export function hearStanding(run: Run): Promise<void> {
  return run.telling.take(async () => {
    const before = isHeld(run);
    run.stands = await quickly.standingNow(run.ref);
    run.show({});
    if (run.child !== null && before !== isHeld(run)) await tellStanding(run, run.child);
  });
}

/** A wave that another execution of the run had started hears how this one stands, and tells what it does. */
export function greet(run: Run, child: string): Promise<void> {
  return run.telling.take(async () => {
    await tellStanding(run, child);
    await signalIfThere(child, tellAgainSignal);
  });
}

async function tellStanding(run: Run, child: string): Promise<void> {
  await signalIfThere(child, isHeld(run) ? heldSignal : resumedSignal);
}

/** Whether what leads the present wave on is held. */
function isHeld(run: Run): boolean {
  return run.heldOn(run.wave ?? sharedWave) !== null;
}

/** Waits at a gate of the run itself. A go while the run is held is acted on when it is resumed. */
export async function gate(
  run: Run,
  kind: GateKind,
  name: string = kind,
  wave: string = sharedWave,
  isMoot: () => boolean = () => false,
): Promise<GateEnd> {
  const at = (attempt: number): void => {
    run.gateAttempt = attempt;
  };
  const show = (waiting: typeof run.waiting): Promise<void> => {
    run.show({ waiting });
    return Promise.resolve();
  };
  const end = await waitAtGate({ ...run.ref, gate: name, kind, wave }, setupOf(run).gates[kind], { desk: run, at, isMoot, show });
  await whileHeld(run, wave);
  return end;
}
