import { reserveOf } from '../budget/reserve.ts';
import type { Plan } from './plan.ts';
import type { BudgetPlan } from './systems.ts';

/** What tells of a stored limit whom it binds. */
interface StoredLimit {
  readonly system: string;
  readonly source: 'plan' | 'system';
  readonly lengthMs: number;
  readonly reserve: number;
}

/** What a plan says of the calls that one of its systems allows; undefined where it says nothing. */
export function budgetOf({ systems }: Pick<Plan, 'systems'>, system: string): BudgetPlan | undefined {
  const declared = systems[system];
  return declared !== undefined && 'budget' in declared ? declared.budget : undefined;
}

/** Of stored limits those that bind calls of this plan, with its reserve: limits that the system itself counts, and those that the plan declares. */
export function limitsOf<Limit extends StoredLimit>(plan: Pick<Plan, 'systems'>, stored: readonly Limit[]): readonly Limit[] {
  return stored.flatMap((limit) => {
    const budget = budgetOf(plan, limit.system);
    const isDeclared = (budget?.windows ?? []).some(({ per }) => per === limit.lengthMs);
    return limit.source === 'system' || isDeclared ? [{ ...limit, reserve: reserveOf(budget, limit.lengthMs) }] : [];
  });
}
