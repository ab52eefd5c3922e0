import { AdapterError } from '../../contracts/failures.ts';
import type { Systems } from '../deps.ts';

/** What no retry heals: the plan or its data is wrong, such as a misspelled column in a query, or a right is missing: the login itself was let in before. */
const isProblem = ({ kind }: AdapterError): boolean => kind === 'invalidData' || kind === 'auth';

/** The problems that a check finds; what the legacy system refuses for good is one like any other. Any other failure rejects. */
export async function orProblem(sys: Systems, check: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof AdapterError) || !isProblem(error) || error.system !== sys.plan.roles.source) throw error;
    return [error.message];
  }
}
