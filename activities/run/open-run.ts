import type { GateTiming, RunSetup } from '../../contracts/activities.ts';
import { sharedWave, type RunRef } from '../../contracts/messages.ts';
import type { GatePlan } from '../../domain/plan/plan.ts';
import type { Deps } from '../deps.ts';

/** Opens the run in the ledger with its waves, and tells the workflows what they need to know of the plan. */
export function openRun(deps: Deps) {
  return async (ref: RunRef): Promise<RunSetup> => {
    const { plan, env } = await deps.systems(ref);
    const expansion = plan.waves.map(({ name }) => name);
    await deps.ledger.runs.open(ref.run, ref.planHash, ref.envHash);
    await deps.ledger.waves.plan(ref.run, [sharedWave, plan.pilot.name, ...expansion]);
    const names = (scope: 'shared' | 'account'): readonly string[] =>
      plan.objects.filter((object) => object.scope === scope).map(({ name }) => name);
    const { timings } = env;
    return {
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
      },
      gates: {
        baseline: timing(plan.gates.baseline),
        switch: timing(plan.gates.switch),
        retry: timing(plan.gates.retry),
        close: timing(plan.gates.close),
      },
    };
  };
}

function timing(gate: GatePlan): GateTiming {
  return { reminderMs: gate.reminder, atDeadline: gate.atDeadline, maxAttempts: gate.maxAttempts };
}
