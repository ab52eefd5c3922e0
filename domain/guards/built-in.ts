import { waveStages, type GuardPlan, type Plan } from '../plan/plan.ts';
import type { WaveState } from '../waves/state.ts';

const hourMs = 3_600_000;

/**
 * The guards of a plan and those that every run has: a configuration that changes behind the freeze (schema, picklists, routing, rights) is an
 * alarm whether the plan thought of it or not. A plan that has a guard on that metric answers it in its own way.
 */
export function guardsOf({ guards }: Pick<Plan, 'guards'>): readonly GuardPlan[] {
  if (guards.some(({ metric }) => metric === 'configurationDrift')) return guards;
  return [
    ...guards,
    {
      name: 'configuration',
      metric: 'configurationDrift',
      kind: 'count',
      limit: 0,
      minimumSample: 1,
      alpha: 0.01,
      window: hourMs,
      stages: [...waveStages],
      answer: { beforeSwitch: 'pause', afterSwitch: 'pause' },
      owner: 'it',
    },
  ];
}

/**
 * Whether a guard acts in a wave in this state: one of the plan in its stages; one that every run has beside them, or any where the plan is not known,
 * wherever guards act.
 */
export function actsIn(plan: Pick<Plan, 'guards'> | null, guard: string, state: WaveState): boolean {
  const stage = waveStages.find((candidate) => candidate === state);
  if (stage === undefined) return false;
  return plan === null
    ? true
    : (guardsOf(plan)
        .find(({ name }) => name === guard)
        ?.stages.includes(stage) ?? true);
}
