import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { reserveProblem } from '../../domain/budget/reserve.ts';
import type { Context } from '../deps.ts';

/**
 * Why the calls that are reserved for a rollback would not pay for taking back all that the run has written and what this wave is about to write; a
 * sentence for each limit. Only limits that are known are looked at, and of those the ones that have a reserve.
 */
export async function reserveProblems(context: Context, wave: string): Promise<readonly string[]> {
  const { ledger, ref, sys } = context;
  const limits = (await ledger.budgets.of(ref.planHash, ref.envHash)).windows.filter(({ reserve }) => reserve > 0);
  if (limits.length === 0) return [];
  const standing = await ledger.goingBack.standing(ref.run);
  const problems: string[] = [];
  for (const { system, limit, reserve } of limits) {
    const problem = reserveProblem({
      system,
      limit,
      reserve,
      applied: standing.get(system) ?? 0,
      wave: await writtenBy(context, wave, system),
      callsPerUndo: sys.target(system).capabilities.callsPerUndo,
    });
    if (problem !== null) problems.push(problem);
  }
  return problems;
}

/** Records of a wave that may be written to a system: those that are moved there, and those that are repointed at the switch. */
async function writtenBy({ ledger, scope, sys }: Context, wave: string, system: string): Promise<number> {
  const isWritten = ({ name, mode, target }: ObjectPlan): boolean =>
    target.system === system && (mode === 'move' || name === sys.plan.pointer.object);
  let records = 0;
  for (const { name } of sys.plan.objects.filter(isWritten)) records += await ledger.records.count(scope, name, wave);
  return records;
}
