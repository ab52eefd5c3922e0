import type { Capabilities } from '../../contracts/adapter.ts';
import { longWindowMs, reserveProblem } from '../../domain/budget/reserve.ts';
import { limitsOf } from '../../domain/plan/limits.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Context } from '../deps.ts';

/** Records of one object of a system that a rollback may have to take back. */
interface Written {
  readonly object: string;
  readonly records: number;
}

/**
 * Why the calls that are reserved for a rollback would not pay for taking back all that the run has written and what this wave is about to write; a
 * sentence for each limit. Only limits that are known and bind this plan are looked at, and of those the ones that have a reserve and do not refill while a
 * rollback waits.
 */
export async function reserveProblems(context: Context, wave: string): Promise<readonly string[]> {
  const { ledger, ref, sys } = context;
  const { windows } = await ledger.budgets.of(ref.planHash, ref.envHash);
  const limits = limitsOf(sys.plan, windows).filter(({ reserve, lengthMs }) => reserve > 0 && lengthMs >= longWindowMs);
  if (limits.length === 0) return [];
  const standing = await ledger.goingBack.standing(ref.run);
  const problems: string[] = [];
  for (const { system, limit, reserve } of limits) {
    const before = standing.filter((written) => written.system === system);
    const now = await writtenBy(context, wave, system);
    const { capabilities } = sys.target(system);
    const calls = callsToUndo(capabilities, [...before, ...now]);
    const appliedCalls = callsToUndo(capabilities, before);
    const problem = reserveProblem({ system, limit, reserve, applied: recordsOf(before), wave: recordsOf(now), calls, appliedCalls });
    if (problem !== null) problems.push(problem);
  }
  return problems;
}

/** What a wave may write to a system: records that are moved there, and those that are repointed at the switch. */
async function writtenBy({ ledger, scope, sys }: Context, wave: string, system: string): Promise<readonly Written[]> {
  const isWritten = ({ name, mode, target }: ObjectPlan): boolean =>
    target.system === system && (mode === 'move' || name === sys.plan.pointer.object);
  const written: Written[] = [];
  for (const { name, target } of sys.plan.objects.filter(isWritten))
    written.push({ object: target.object, records: await ledger.records.count(scope, name, wave) });
  return written;
}

/** Records without a stamp are taken back in batches; that reads take fewer of them than writes is allowed for by half batches. */
function callsToUndo({ objects, callsPerUndo, batchSize }: Capabilities, written: readonly Written[]): number {
  return written
    .map(({ object, records }) => records * callsPerUndo * (objects[object]?.conditionalWrite === false ? 2 / batchSize : 1))
    .reduce((sum, calls) => sum + calls, 0);
}

function recordsOf(written: readonly Written[]): number {
  return written.reduce((sum, { records }) => sum + records, 0);
}
