import { reserveOf } from '../budget/reserve.ts';
import type { Plan } from './plan.ts';

/** What tells of a stored limit whom it binds. */
interface StoredLimit {
  readonly system: string;
  readonly source: 'plan' | 'system';
  readonly lengthMs: number;
  readonly reserve: number;
}

/** Of stored limits those that bind calls of this plan, with its reserve: limits that the system itself counts, and those that the plan declares. */
export function limitsOf<Limit extends StoredLimit>({ systems }: Pick<Plan, 'systems'>, stored: readonly Limit[]): readonly Limit[] {
  return stored.flatMap((limit) => {
    const system = systems[limit.system];
    const budget = system?.adapter === 'salesforce' || system?.adapter === 'tryton' ? system.budget : undefined;
    const isDeclared = (budget?.windows ?? []).some(({ per }) => per === limit.lengthMs);
    return limit.source === 'system' || isDeclared ? [{ ...limit, reserve: reserveOf(budget?.reserve, limit.lengthMs) }] : [];
  });
}
