import type { RunRef } from '../contracts/messages.ts';
import { quickly } from './activity-proxies.ts';
import { endWatcher, keepWatcher } from './children.ts';
import { clerk } from './clerk.ts';
import { close, endClosed } from './phases/close.ts';
import { configurationFreeze } from './phases/configuration-freeze.ts';
import { expansion } from './phases/expansion.ts';
import { finalExport } from './phases/final-export.ts';
import { hypercare } from './phases/hypercare.ts';
import { parallelRun } from './phases/parallel-run.ts';
import { pilot } from './phases/pilot.ts';
import { preflight } from './phases/preflight.ts';
import { rollbackRun } from './phases/rollback-run.ts';
import { IdleRollbacks } from './idle-rollbacks.ts';
import { goOnAnew, isOver } from './long.ts';
import { Run, type Carried } from './run/state.ts';
import { hearStanding } from './steps.ts';
import { shielded } from './shield.ts';
import { Way } from './way.ts';
import { condition } from './timers.ts';

/**
 * The change-over of one business. It goes on from where the ledger has the run: begun anew, continued as new, or started again after its end.
 * Returns one line that says how it ended.
 */
export function cutover(ref: RunRef, carried: Carried | null = null): Promise<string> {
  const run = new Run(ref, carried);
  return shielded(
    () => {
      run.stopsAsked.push(ref.run);
    },
    () => follow(run),
  );
}

async function follow(run: Run): Promise<string> {
  const { setup, standing } = await quickly.openRun(run.ref);
  if (standing.state !== 'open') return `${standing.state}; the run had ended so before its workflow was started again`;
  run.takeUp(setup, standing);
  await hearStanding(run);
  const [way, idle] = [new Way(), new IdleRollbacks(run)];
  const desk = clerk(run, {
    stopRun: () => {
      way.turn();
    },
    takeBackIdle: (order) => {
      idle.begin(order);
    },
  });
  void condition(() => run.isLeaving || isOver()).then(() => {
    run.isLeaving = true;
    way.leave();
  });
  const end = await way.go(() => (run.order?.scope === 'run' ? rollbackRun(run, idle) : forward(run, idle)));
  if (end === null) {
    await desk;
    return goOnAnew<typeof cutover>(run.ref, run.carried());
  }
  await endWatcher(run);
  run.end = end;
  run.show({ phase: 'ended', step: end, waiting: null });
  await desk;
  return end;
}

/** The way forward, as the runbook reads. What lay behind the run when it was taken up is not gone again. */
async function forward(run: Run, idle: IdleRollbacks): Promise<string> {
  if (!run.hadPassed('preflight')) await preflight(run);
  keepWatcher(run);
  if (!run.hadPassed('configurationFreeze')) await configurationFreeze(run);
  if (!run.hadPassed('finalExport')) await finalExport(run);
  await idle.takeUp();
  if (!run.hadPassed('pilot')) await pilot(run);
  if (!run.hadPassed('parallelRun')) await parallelRun(run, idle);
  let isNew = run.hadPassed('expansion') && idle.unswitched().length === 0;
  for (let end: string | null = null; ; isNew = false) {
    if (!isNew) await expansion(run, idle);
    if (!isNew || !run.hadPassed('hypercare')) await hypercare(run);
    await idle.settled();
    if (idle.unswitched().length === 0 && (await close(run, idle))) end = await endClosed(run, idle);
    if (end !== null) return end;
  }
}
