import type { BegunStep } from '../../contracts/activities.ts';
import type { RunRef, WaveRef } from '../../contracts/messages.ts';
import type { Deps } from '../deps.ts';

/** Begins the next round of a wave's step, or finds the one that a workflow before this one had begun. */
export function beginStep(deps: Deps) {
  return async (ref: WaveRef, step: string): Promise<BegunStep> => {
    const { round, elapsedMs } = await deps.ledger.steps.begin(ref, step);
    return { round, elapsedMs };
  };
}

/** The round of a step that was begun and never ended; null where there is none. */
export function unendedStep(deps: Deps) {
  return async (ref: WaveRef, step: string): Promise<BegunStep | null> => {
    const latest = await deps.ledger.steps.latest(ref, step);
    return latest?.endedAt === null ? { round: latest.round, elapsedMs: latest.elapsedMs } : null;
  };
}

export function endStep(deps: Deps) {
  return async (ref: WaveRef, step: string, round: number): Promise<void> => {
    await deps.ledger.steps.end(ref, step, round);
  };
}

/** Writes down how a child workflow ended, for a parent that may not be there to hear it. */
export function noteEnd(deps: Deps) {
  return async (ref: RunRef, workflow: string, ended: unknown): Promise<void> => {
    await deps.ledger.steps.endChild(ref.run, workflow, ended);
  };
}

/** How a child workflow ended; null while it has not. */
export function endOf(deps: Deps) {
  return async (workflow: string): Promise<{ readonly ended: unknown } | null> => deps.ledger.steps.childEnd(workflow);
}
