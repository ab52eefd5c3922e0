import type { Plan } from '../plan.ts';
import { inPlan, type PlanProblem } from './problem.ts';

/** Parts of a plan that are described but not run yet; each is refused by its name rather than passed over. */
export function checkScope({ flows, tasks, guards }: Plan): readonly PlanProblem[] {
  const problems: PlanProblem[] = [];
  if (flows !== undefined) problems.push(inPlan(['flows'], 'Live flows are not run yet.', 'Remove flows from the plan.'));
  if (tasks !== undefined) problems.push(inPlan(['tasks'], 'Tasks of people are not run yet.', 'Remove tasks from the plan.'));
  for (const [index, { answer, name }] of guards.entries()) {
    for (const when of ['beforeSwitch', 'afterSwitch'] as const) {
      if (answer[when] !== 'manual') continue;
      const message = `Guard "${name}" answers with manual mode, which is not run yet.`;
      problems.push(inPlan(['guards', index, 'answer', when], message, 'Answer with pause or rollback.'));
    }
  }
  return problems;
}
