import type { RunRef } from '../../contracts/messages.ts';
import { longWindowMs, planReserveProblem, reserveProblem } from '../../domain/budget/reserve.ts';
import { callsToUndo, undoBatchSize } from '../../domain/budget/undo.ts';
import { limitsOf } from '../../domain/plan/limits.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Context, Systems } from '../deps.ts';
import { capabilityOf } from '../effects/proof.ts';
import { switchedAccounts } from '../run/export.ts';

/** Records of one object of a system that a rollback may have to take back. */
interface Written {
  readonly object: string;
  readonly records: number;
}

/**
 * Why the calls that are reserved for a rollback would not pay for taking back all that the run has written and what this wave is about to write; a
 * sentence for each limit.
 */
export async function reserveProblems(context: Context, wave: string): Promise<readonly string[]> {
  const { ledger, ref, scope, sys } = context;
  const limits = await reservedLimits(ledger, ref, sys);
  if (limits.length === 0) return [];
  const standing = await ledger.goingBack.standing(ref.run);
  const problems: string[] = [];
  for (const { system, limit, reserve } of limits) {
    const before = standing.filter((written) => written.system === system);
    const now = await writtenTo(sys, system, ({ name }) => ledger.records.count(scope, name, wave));
    const [calls, appliedCalls] = [callsOf(sys, system, [...before, ...now]), callsOf(sys, system, before)];
    const problem = reserveProblem({ system, limit, reserve, applied: recordsOf(before), wave: recordsOf(now), calls, appliedCalls });
    if (problem !== null) problems.push(problem);
  }
  return problems;
}

/**
 * The same before the run begins, of all waves together, by what the source holds now: later the plan cannot be changed any more. What earlier runs
 * have switched this one neither writes nor takes back.
 */
export async function planReserveProblems(context: Pick<Context, 'ledger' | 'ref' | 'scope' | 'sys'>): Promise<readonly string[]> {
  const { ledger, ref, sys } = context;
  const problems: string[] = [];
  const limits = await reservedLimits(ledger, ref, sys);
  if (limits.length === 0) return [];
  const switched = [...(await switchedAccounts(context, null))];
  const counted = async ({ scope, source }: ObjectPlan): Promise<number> => {
    const all = await sys.source.count(source.query, null);
    return scope === 'shared' || switched.length === 0 ? all : all - (await sys.source.count(source.query, switched));
  };
  for (const { system, limit, reserve } of limits) {
    const written = await writtenTo(sys, system, counted);
    const problem = planReserveProblem({ system, limit, reserve, records: recordsOf(written), calls: callsOf(sys, system, written) });
    if (problem !== null) problems.push(problem);
  }
  return problems;
}

/** The limits that are known and bind this plan, and of those the ones that have a reserve and do not refill while a rollback waits. */
async function reservedLimits(ledger: Ledger, ref: RunRef, sys: Systems): Promise<ReturnType<typeof limitsOf<StoredWindow>>> {
  const { windows } = await ledger.budgets.of(ref.planHash, ref.envHash);
  return limitsOf(sys.plan, windows).filter(({ reserve, lengthMs }) => reserve > 0 && lengthMs >= longWindowMs);
}
type StoredWindow = Awaited<ReturnType<Ledger['budgets']['of']>>['windows'][number];

/** What may be written to a system: records that are moved there, and those that are repointed at the switch. */
async function writtenTo(sys: Systems, system: string, count: (object: ObjectPlan) => Promise<number>): Promise<readonly Written[]> {
  const isWritten = ({ name, mode, target }: ObjectPlan): boolean =>
    target.system === system && (mode === 'move' || name === sys.plan.pointer.object);
  const written: Written[] = [];
  for (const object of sys.plan.objects.filter(isWritten)) written.push({ object: object.target.object, records: await count(object) });
  return written;
}

/** Calls that taking these records back needs at most; records of one object go together, whatever wave wrote them. */
function callsOf(sys: Systems, system: string, written: readonly Written[]): number {
  const { objects, batchSize, callsPerUndoBatch } = sys.target(system).capabilities;
  const together = [...Map.groupBy(written, ({ object }) => object)].map(([object, some]) => ({
    records: recordsOf(some),
    batchSize: undoBatchSize({ batchSize, ...capabilityOf(objects, object) }),
  }));
  // The pilot, the waves behind it, and the shared one.
  return callsToUndo(together, sys.plan.waves.length + 2, callsPerUndoBatch);
}

function recordsOf(written: readonly Written[]): number {
  return written.reduce((sum, { records }) => sum + records, 0);
}
