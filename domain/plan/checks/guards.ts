import type { Plan } from '../plan.ts';
import { inPlan, type PlanProblem } from './problem.ts';

/** Guards on metrics nobody has described, with impossible limits, that the switch itself would breach, or with samples that the smallest wave need not reach. */
export function checkGuards({ guards, metrics, pilot, waves }: Plan): readonly PlanProblem[] {
  const smallest = [pilot, ...waves].reduce((least, wave) => (wave.accounts.length < least.accounts.length ? wave : least));
  return guards.flatMap((guard, index) => {
    const path = ['guards', index];
    const problems: PlanProblem[] = [];
    if (metrics[guard.metric] === undefined) {
      problems.push(inPlan([...path, 'metric'], `Metric "${guard.metric}" has no sheet.`, `Describe it under metrics.${guard.metric}.`));
    }
    if (guard.kind === 'rate' && guard.limit >= 1) {
      problems.push(
        inPlan(
          [...path, 'limit'],
          `Guard "${guard.name}" allows every record to fail.`,
          'Write the limit as a share below 1, for example 0.02 for 2 %.',
        ),
      );
    }
    if (guard.metric === 'notHarmless' && guard.stages.includes('switching')) {
      const message = `Guard "${guard.name}" watches notHarmless while a wave is switching, and the switch itself makes its documents active.`;
      problems.push(inPlan([...path, 'stages'], message, 'Take switching out of its stages.'));
    }
    const tooSmall = smallest.accounts.length < guard.minimumSample && guard.exactCount === undefined;
    if (guard.kind === 'rate' && tooSmall) {
      const sample = `${String(guard.minimumSample)} records`;
      const message = `Guard "${guard.name}" needs ${sample} to judge, and wave "${smallest.name}" may not have as many.`;
      problems.push(
        inPlan(
          [...path, 'minimumSample'],
          message,
          'Give the guard an exactCount, the number of bad records that is a breach in a small sample.',
        ),
      );
    }
    return problems;
  });
}
