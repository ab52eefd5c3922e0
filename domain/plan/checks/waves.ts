import type { Plan } from '../plan.ts';
import { inPlan, type PlanProblem } from './problem.ts';

/** More accounts than people can look at one by one are no pilot. */
const largestPilot = 20;

function checkPilot(plan: Plan): readonly PlanProblem[] {
  const pilot = plan.pilot.accounts.length;
  const others = plan.waves.reduce((total, { accounts }) => total + accounts.length, 0);
  const path = ['pilot', 'accounts'];
  if (pilot > largestPilot) {
    return [
      inPlan(
        path,
        `The pilot has ${String(pilot)} accounts.`,
        `Keep it to ${String(largestPilot)}, so that each of them can be looked at.`,
      ),
    ];
  }
  if (pilot < others || others === 0) return [];
  return [
    inPlan(
      path,
      'The pilot has as many accounts as all other waves together.',
      'Move accounts to the other waves: the pilot is the small trial.',
    ),
  ];
}

/** Waves without accounts, accounts in more than one wave, and a pilot that is none. */
export function checkWaves(plan: Plan): readonly PlanProblem[] {
  const waves = [plan.pilot, ...plan.waves].map((wave, index) => ({ ...wave, path: index === 0 ? ['pilot'] : ['waves', index - 1] }));
  const firstWave = new Map<string, string>();
  const problems: PlanProblem[] = [];
  for (const { name, accounts, path } of waves) {
    if (accounts.length === 0)
      problems.push(inPlan([...path, 'accounts'], `Wave "${name}" has no accounts.`, 'Give it accounts, or remove it.'));
    for (const [index, account] of accounts.entries()) {
      const earlier = firstWave.get(account);
      if (earlier === undefined) firstWave.set(account, name);
      else {
        const where = earlier === name ? `twice in wave "${name}"` : `in the waves "${earlier}" and "${name}"`;
        problems.push(inPlan([...path, 'accounts', index], `Account "${account}" is ${where}.`, 'Keep it in exactly one place.'));
      }
    }
  }
  return [...problems, ...checkPilot(plan)];
}
