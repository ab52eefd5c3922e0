import { openStatuses, standingStatuses, type EffectStatus } from '../effects/outcome.ts';
import type { EffectOperation } from '../effects/verdict.ts';

/** How a rollback ends: with nothing left for anybody, or with something that people must look at. */
export type RollbackEnd = 'rolledBack' | 'rolledBackWithExceptions';

/** Statuses of a forward effect of which no undo has come to an end: it stands in the target, or nobody knows whether it does. */
export const unendedStatuses: readonly EffectStatus[] = [...standingStatuses, ...openStatuses];

/** A forward effect without an end, as it is found when its rollback is to end. */
export interface Unended {
  readonly id: string;
  readonly object: string;
  readonly sourceId: string;
  readonly system: string;
  readonly operation: EffectOperation;
  readonly status: EffectStatus;
  /** An open exception that outlives the rollback names its record already. */
  readonly isTold: boolean;
}

/** An effect that a rollback leaves, and why. */
export interface Leaving extends Unended {
  readonly reason: string;
}

/** The end of a rollback, with the effects it leaves and, one for each record, those that an exception must tell. */
export interface EndOfRollback {
  readonly end: RollbackEnd;
  readonly left: readonly Leaving[];
  readonly told: readonly Leaving[];
}

/** Decides how a rollback ends: only where no effect of its attempt is without an end, and nothing that outlives it is open, was all taken back. */
export function endOfRollback(unended: readonly Unended[], openExceptions: number): EndOfRollback {
  const left = unended.map((effect): Leaving => ({ ...effect, reason: reasonOf(effect) }));
  const untold = left.filter(({ isTold }) => !isTold).map((effect) => [JSON.stringify([effect.object, effect.sourceId]), effect] as const);
  const end = left.length + openExceptions > 0 ? 'rolledBackWithExceptions' : 'rolledBack';
  return { end, left, told: [...new Map(untold).values()] };
}

function reasonOf({ system, operation, status }: Unended): string {
  return openStatuses.includes(status)
    ? `Kept: the rollback ended before it was known whether ${system} had done our ${operation} of it; look at it there.`
    : `Kept: the rollback ended without taking back our ${operation} of it in ${system}; look at it there.`;
}
