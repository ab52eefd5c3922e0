import type { Env } from '../env.ts';
import type { GatePlan, Plan } from '../plan.ts';
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
    return [...sheets, ...checkDeadline(name, gate)];
  });
  if (gates.switch.deadline !== undefined) return problems;
  const message = 'The switch gate stands inside the freeze of its accounts and has no deadline.';
  return [...problems, inPlan(['gates', 'switch', 'deadline'], message, 'Give it a deadline shorter than the lease in the env file.')];
}

function checkDeadline(name: string, { deadline, validity, atDeadline }: GatePlan): readonly PlanProblem[] {
  const problems: PlanProblem[] = [];
  if (atDeadline === 'rollback' && name !== 'switch') {
    const message = `Gate "${name}" has no wave that its deadline could roll back.`;
    problems.push(
      inPlan(['gates', name, 'atDeadline'], message, 'Choose hold or escalate; a person can still order a rollback at any time.'),
    );
  }
  if (deadline !== undefined && validity < deadline) {
    const message = `Decisions on gate "${name}" lapse before its deadline.`;
    problems.push(
      inPlan(['gates', name, 'validity'], message, 'Make validity at least as long as deadline, so that a quorum can come together.'),
    );
  }
  return problems;
}

/** Outcomes that are foretold and that no limit speaks of: nobody would hear that one came otherwise. */
export function checkExpectations({ expectations, gates, guards }: Plan): readonly PlanProblem[] {
  const limits = [...Object.values(gates).flatMap((gate) => gate.limits), ...guards];
  if (expectations.length === 0 || limits.some(({ metric }) => metric === 'expectationsUnmet')) return [];
  const message = 'No gate and no guard has a limit on expectationsUnmet, so what is expected here has no effect.';
  const remedy =
    'Add { metric: expectationsUnmet, max: 0 } to the limits of gates.switch, and describe metrics.expectationsUnmet; or remove it.';
  return [inPlan(['expectations'], message, remedy)];
}

/** The switch gate must have ended while the freeze of its accounts still holds. */
export function checkLease({ gates }: Plan, { timings }: Env): readonly PlanProblem[] {
  if (gates.switch.deadline === undefined || gates.switch.deadline < timings.lease) return [];
  const message = 'The freeze of a wave would end before the deadline of its switch gate.';
  return [inEnv(['timings', 'lease'], message, 'Make the lease longer than gates.switch.deadline of the plan.')];
}
