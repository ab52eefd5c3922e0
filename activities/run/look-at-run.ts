import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { takeUp, type RunRef } from '../../contracts/messages.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';

/** How the cause of a hold begins that was placed because nobody could steer the run; the id of the execution that had ended follows. */
const orphanedCause = 'orphaned ';

/**
 * Whether somebody may still steer the run. Where its workflow has ended without ending the run, nobody could hold what its children do: the run is
 * then held, until its workflow is started again. One that is back and has not lifted that hold was set back in Temporal: what its children told
 * meanwhile it never hears, so it is told to read the ledger again.
 */
export function lookAtRun(deps: Deps) {
  return async (ref: RunRef): Promise<'open' | 'gone' | 'ended'> => {
    const { state } = await deps.ledger.runs.get(ref.run);
    if (state !== 'open') return 'ended';
    const execution = await endedExecution(ref.run);
    if (execution === null) {
      // Told before the hold is lifted: a process that dies in between tells it once more.
      if ((await orphaned(deps.ledger, ref.run)).length > 0) {
        await getClient().workflow.getHandle(ref.run).signal(takeUp);
        await liftOrphaned(deps.ledger, ref.run);
      }
      return 'open';
    }
    await deps.ledger.holds.place({
      run: ref.run,
      scope: 'run',
      source: 'run',
      person: null,
      role: null,
      reason: `the workflow of the run has ended without ending the run, and nobody can steer it; take it up again with: cutover recover ${ref.run}`,
      follows: null,
      cause: `${orphanedCause}${execution}`,
    });
    return 'gone';
  };
}

/** The id of the run's last execution where that has ended; null while one goes on. */
async function endedExecution(run: string): Promise<string | null> {
  try {
    const { runId, status } = await getClient().workflow.getHandle(run).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED' || status.name === 'CONTINUED_AS_NEW' ? null : runId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'none';
    throw error;
  }
}

/** Numbers of the holds that stand because nobody could steer the run. */
async function orphaned({ holds }: Ledger, run: string): Promise<readonly number[]> {
  return (await holds.all(run)).flatMap(({ number, cause, liftedAt }) =>
    liftedAt === null && cause.startsWith(orphanedCause) ? [number] : [],
  );
}

/** Lifts the holds that stood because nobody could steer the run, where somebody can again: whoever asks may be a try of an execution that has ended. */
export async function liftOrphaned(ledger: Ledger, run: string): Promise<void> {
  // Read before Temporal is asked: what is placed for an end behind its answer is none of these.
  const numbers = await orphaned(ledger, run);
  if (numbers.length === 0 || (await endedExecution(run)) !== null) return;
  await ledger.holds.lift(run, numbers, 'the run was taken up again');
}
