import { AdapterError } from '../../contracts/failures.ts';
import type { Systems } from '../deps.ts';

/**
 * The problems that a check finds. What the legacy system refuses because the plan or its data is wrong, such as a misspelled column in a query, is a
 * problem like any other: no retry heals it. Any other failure rejects.
 */
export async function orProblem(sys: Systems, check: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof AdapterError) || error.kind !== 'invalidData' || error.system !== sys.plan.roles.source) throw error;
    return [error.message];
  }
}
