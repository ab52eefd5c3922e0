import { ApplicationFailure } from '@temporalio/common';
import { BudgetWait, waitsForBudget, type BudgetWaitTold } from '../contracts/calls.ts';
import { AdapterError, isTransient } from '../contracts/failures.ts';
import { movedOn } from '../contracts/activities.ts';
import { RunMovedOn, WaveMovedOn } from '../domain/waves/moved-on.ts';
import { withPulse } from './pulse.ts';

/**
 * The only place where failures of systems become failures of Temporal. What may pass by itself is retried; a missing right, a refused record or
 * anything unexpected in a system's answer is retried too (an operator may mend it meanwhile) but shows its kind and words on the Timeline. Work
 * for a wave attempt that is over is not. A wait for the budget of a system is the workflow's.
 */
function toFailure(error: unknown): unknown {
  if (error instanceof WaveMovedOn || error instanceof RunMovedOn) return ApplicationFailure.nonRetryable(error.message, movedOn);
  if (!(error instanceof AdapterError)) return error;
  if (error instanceof BudgetWait)
    return ApplicationFailure.nonRetryable(error.message, waitsForBudget, { waitMs: error.waitMs } satisfies BudgetWaitTold);
  return ApplicationFailure.create({
    message: `${error.operation}: ${error.message}`,
    type: error.kind,
    nonRetryable: false,
    ...(isTransient(error.kind) && error.retryAfterMs !== null ? { nextRetryDelay: error.retryAfterMs } : {}),
  });
}

/** Wraps each activity so that it shows a pulse and its adapter errors reach Temporal with their kind. */
export function toFailures<T extends object>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...args: unknown[]): Promise<unknown> => {
      try {
        return await withPulse(() => (activity as (...values: unknown[]) => Promise<unknown>)(...args));
      } catch (error) {
        throw toFailure(error);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}
