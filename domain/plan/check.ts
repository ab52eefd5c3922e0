import type { Env } from './env.ts';
import type { Plan } from './plan.ts';
import { checkDispositions } from './checks/dispositions.ts';
import { checkAccountPaths } from './checks/account-paths.ts';
import { checkExpectations, checkGates, checkLease } from './checks/gates.ts';
import { checkGuards } from './checks/guards.ts';
import { checkMoney } from './checks/money.ts';
import { checkNames } from './checks/names.ts';
import { checkOrder } from './checks/order.ts';
import { checkPeople } from './checks/people.ts';
import { inEnv, type PlanProblem } from './checks/problem.ts';
import { checkReferences } from './checks/references.ts';
import { checkRights } from './checks/rights.ts';
import { checkScope } from './checks/scope.ts';
import { checkSecrets } from './checks/secrets.ts';
import { checkSystems } from './checks/systems.ts';
import { checkWaves } from './checks/waves.ts';

/** All that keeps a well-formed plan from running, as far as the plan alone shows it; empty when nothing does. */
export function checkPlan(plan: Plan): readonly PlanProblem[] {
  return [
    checkNames,
    checkReferences,
    checkOrder,
    checkWaves,
    checkDispositions,
    checkMoney,
    checkGates,
    checkExpectations,
    checkRights,
    checkGuards,
    checkScope,
    checkSecrets,
    checkAccountPaths,
  ].flatMap((check) => check(plan));
}

/** What keeps this plan from running in this environment, beside what `checkPlan` finds. */
export function checkPlanWithEnv(plan: Plan, env: Env): readonly PlanProblem[] {
  const live = inEnv(['mode'], 'Live runs are not offered yet.', 'Set mode to rehearsal, and point the systems at test organizations.');
  return [...(env.mode === 'live' ? [live] : []), ...checkSystems(plan, env), ...checkPeople(plan, env), ...checkLease(plan, env)];
}
