import { waveStages, type GuardPlan, type Plan } from '../plan/plan.ts';

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
