import type { Env } from '../env.ts';
import type { Plan } from '../plan.ts';
import { inEnv, inPlan, type PlanProblem } from './problem.ts';

/** Limits on metrics nobody has described, votes that lapse before the deadline, and a switch gate that could outlast its freeze. */
export function checkGates({ gates, metrics }: Plan): readonly PlanProblem[] {
  const problems = Object.entries(gates).flatMap(([name, gate]) => {
    const path = ['gates', name];
    const sheets = gate.limits.flatMap(({ metric }, index) =>
      metrics[metric] === undefined
        ? [inPlan([...path, 'limits', index, 'metric'], `Metric "${metric}" has no sheet.`, `Describe it under metrics.${metric}.`)]
        : [],
    );
    if (gate.deadline === undefined || gate.validity >= gate.deadline) return sheets;
    const message = `Decisions on gate "${name}" lapse before its deadline.`;
    return [
      ...sheets,
      inPlan([...path, 'validity'], message, 'Make validity at least as long as deadline, so that a quorum can come together.'),
    ];
  });
  if (gates.switch.deadline !== undefined) return problems;
  const message = 'The switch gate stands inside the freeze of its accounts and has no deadline.';
  return [...problems, inPlan(['gates', 'switch', 'deadline'], message, 'Give it a deadline shorter than the lease in the env file.')];
}

/** The switch gate must have ended while the freeze of its accounts still holds. */
export function checkLease({ gates }: Plan, { timings }: Env): readonly PlanProblem[] {
  if (gates.switch.deadline === undefined || gates.switch.deadline < timings.lease) return [];
  const message = 'The freeze of a wave would end before the deadline of its switch gate.';
  return [inEnv(['timings', 'lease'], message, 'Make the lease longer than gates.switch.deadline of the plan.')];
}
