import type { HoldOrder } from '../../contracts/activities.ts';
import type { RunRef } from '../../contracts/messages.ts';
import type { Standing } from '../../domain/gates/stops.ts';
import type { Phase } from '../../domain/plan/phases.ts';
import type { Deps } from '../deps.ts';

/** Enters a phase: in the ledger, and in the trail the report is made from. One that the run has left behind stays so. */
export function enterPhase(deps: Deps) {
  return async (ref: RunRef, phase: Phase): Promise<void> => {
    if (await deps.ledger.runs.setPhase(ref.run, phase)) await deps.ledger.trail.note(ref.run, null, 'phase', { phase });
  };
}

/** Holds the run, or a wave, for a cause the run itself found; the same cause holds it once. */
export function placeHold(deps: Deps) {
  return async (ref: RunRef, hold: HoldOrder): Promise<boolean> => {
    await deps.ledger.holds.place({ ...hold, run: ref.run, person: null, role: null });
    const placed = (await deps.ledger.holds.all(ref.run)).find(({ cause }) => cause === hold.cause);
    if (placed?.liftedAt !== null) return false;
    await deps.ledger.trail.note(ref.run, null, 'held', { reason: hold.reason, source: hold.source, scope: hold.scope });
    return true;
  };
}

/**
 * Lifts the holds that stood when this order to take the run back was recorded, because what they held is over; `by` says so in words. A hold that was
 * placed since stays.
 */
export function liftHolds(deps: Deps) {
  return async (ref: RunRef, requestId: string, by: string): Promise<void> => {
    const holds = await deps.ledger.holds.liftBefore(ref.run, requestId, by);
    if (holds.length > 0) await deps.ledger.trail.note(ref.run, null, 'resumed', { by, holds });
  };
}

/** What stands against the run and its waves now; small values only. */
export function standingNow(deps: Deps) {
  return async (ref: RunRef): Promise<Standing> => deps.ledger.holds.standing(ref.run);
}

export function noteEvent(deps: Deps) {
  return async (ref: RunRef, wave: string | null, kind: string, detail: Readonly<Record<string, string | number>>): Promise<void> => {
    await deps.ledger.trail.note(ref.run, wave, kind, detail);
  };
}
