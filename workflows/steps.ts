import { condition } from '@temporalio/workflow';
import type { GateKind, RunSetup } from '../contracts/activities.ts';
import { sharedWave } from '../contracts/messages.ts';
import type { Phase } from '../domain/plan/phases.ts';
import { named, quickly } from './activity-proxies.ts';
import { waitAtGate, type GateEnd } from './gate.ts';
import type { Run } from './run/state.ts';

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

/** Waits while the run is held; the timer shows it on the Timeline. */
export async function whileHeld(run: Run): Promise<void> {
  while (run.held !== null) await condition(() => run.held === null, '1h', { summary: `held: ${run.held}` });
}

/** Holds the run until somebody resumes it; `cause` holds it once, also where this is reached again after the run was taken up. */
export async function holdUntilResumed(run: Run, reason: string, cause: string): Promise<void> {
  if (!(await quickly.placeHold(run.ref, { scope: 'run', source: 'gate', reason, follows: null, cause }))) return;
  run.held = reason;
  run.show({});
  await whileHeld(run);
}

/** Waits at a gate of the run itself. A go while the run is held is acted on when it is resumed. */
export async function gate(
  run: Run,
  kind: GateKind,
  name: string = kind,
  wave: string = sharedWave,
  isMoot: () => boolean = () => false,
): Promise<GateEnd> {
  const show = (waiting: typeof run.waiting): Promise<void> => {
    run.show({ waiting });
    return Promise.resolve();
  };
  const end = await waitAtGate({ ...run.ref, gate: name, kind, wave }, setupOf(run).gates[kind], { desk: run, isMoot, show });
  await whileHeld(run);
  return end;
}
