import type { GateTiming, RunSetup, RunStanding } from '../../contracts/activities.ts';
import { sharedWave, type RunRef } from '../../contracts/messages.ts';
import type { GatePlan } from '../../domain/plan/plan.ts';
import type { Deps } from '../deps.ts';
import { standingOf } from './take-up.ts';

/** Opens the run in the ledger with its waves, or finds it there; tells its workflow what the plan says, and where the run stands. */
export function openRun(deps: Deps) {
  return async (ref: RunRef): Promise<{ readonly setup: RunSetup; readonly standing: RunStanding }> => {
    const { plan, env } = await deps.systems(ref);
    const expansion = plan.waves.map(({ name }) => name);
    await deps.ledger.runs.open(ref.run, ref.planHash, ref.envHash);
    await deps.ledger.waves.plan(ref.run, [sharedWave, plan.pilot.name, ...expansion]);
    const names = (scope: 'shared' | 'account'): readonly string[] =>
      plan.objects.filter((object) => object.scope === scope).map(({ name }) => name);
    const { timings } = env;
    const setup: RunSetup = {
      plan: plan.name,
      pilot: plan.pilot.name,
      expansion,
      sharedObjects: names('shared'),
      accountObjects: names('account'),
      timings: {
        soakMs: timings.soak,
        parallelRunMs: timings.parallelRun,
        hypercareMs: timings.hypercare,
        reconcileEveryMs: timings.reconcileEvery,
        guardEveryMs: timings.guardEvery,
        retryPauseMs: timings.retryPause,
      },
      gates: {
        baseline: timing(plan.gates.baseline),
        switch: timing(plan.gates.switch),
        retry: timing(plan.gates.retry),
        close: timing(plan.gates.close),
      },
    };
    return { setup, standing: await standingOf(deps, ref) };
  };
}

function timing(gate: GatePlan): GateTiming {
  return { reminderMs: gate.reminder, atDeadline: gate.atDeadline, maxAttempts: gate.maxAttempts };
}
