import { explainedParts } from '../../domain/plan/coverage.ts';
import type { Systems } from '../deps.ts';
import { explainedBy } from '../verify/tables.ts';
import { orProblem } from './preflight-source.ts';

/**
 * Every table can be counted as the gates will count it: by what the plan says of its keys, statuses, money and rules. No row is of no status, so that
 * nothing is counted here.
 */
export async function tableProblems(sys: Systems): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const part of explainedParts(sys.plan))
    problems.push(
      ...(await orProblem(sys, async () => {
        await sys.source.tally([{ table: part.table, statuses: [], accounts: null, explained: explainedBy(part) }]);
        return [];
      })),
    );
  return problems;
}
