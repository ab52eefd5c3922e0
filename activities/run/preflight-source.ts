import { AdapterError } from '../../contracts/failures.ts';
import type { Systems } from '../deps.ts';

/** What no retry heals: the plan or its data is wrong, or the user of the legacy system has no right to what a query reads. */
const lasting = ['invalidData', 'auth'];

/**
 * The problems that a check finds. What the legacy system refuses for good, such as a query with a misspelled column, is a problem like any other. Any
 * other failure rejects.
 */
export async function orProblem(sys: Systems, check: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof AdapterError) || !lasting.includes(error.kind) || error.system !== sys.plan.roles.source) throw error;
    return [error.message];
  }
}
