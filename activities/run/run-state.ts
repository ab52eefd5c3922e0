import type { RunRef } from '../../contracts/messages.ts';
import type { Phase } from '../../domain/plan/phases.ts';
import type { Deps } from '../deps.ts';

/** Enters a phase: in the ledger, and in the trail the report is made from. */
export function enterPhase(deps: Deps) {
  return async (ref: RunRef, phase: Phase): Promise<void> => {
    await deps.ledger.runs.setPhase(ref.run, phase);
    await deps.ledger.trail.note(ref.run, null, 'phase', { phase });
  };
}

/** Holds the run with a reason, or lifts the hold (null). */
export function setHeld(deps: Deps) {
  return async (ref: RunRef, reason: string | null): Promise<void> => {
    await deps.ledger.runs.setHeld(ref.run, reason);
    await deps.ledger.trail.note(ref.run, null, reason === null ? 'resumed' : 'held', reason === null ? {} : { reason });
  };
}

export function noteEvent(deps: Deps) {
  return async (ref: RunRef, wave: string | null, kind: string, detail: Readonly<Record<string, string | number>>): Promise<void> => {
    await deps.ledger.trail.note(ref.run, wave, kind, detail);
  };
}
