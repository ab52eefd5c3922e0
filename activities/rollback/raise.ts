import type { WaveRef } from '../../contracts/messages.ts';
import { contextOf, type Deps } from '../deps.ts';
import { resolveCalls } from '../effects/resolve.ts';

/** The raise (P1): from its commit on no intent of the wave's load or switch can begin. False where the wave never began, or has ended. */
export function raiseWave(deps: Deps) {
  return async (ref: WaveRef, requestId: string, reason: string): Promise<boolean> => {
    const raised = await deps.ledger.waves.raise(`${requestId}/${ref.wave}/${String(ref.attempt)}`, ref.run, ref.wave, 'undoing');
    deps.point('afterRaise');
    if (raised) await deps.ledger.trail.note(ref.run, ref.wave, 'rollbackBegan', { reason, attempt: ref.attempt });
    await deps.ledger.guards.answer(ref.run, ref.wave);
    await deps.ledger.gates.stop(ref.run, ref.wave);
    return raised;
  };
}

/** Ends the sessions of all the wave's claims at their targets, confirmed: the fence that no sleeping process gets past. */
export function endSessions(deps: Deps) {
  return async (ref: WaveRef): Promise<void> => {
    const context = await contextOf(deps, ref);
    for (const open of await deps.ledger.lanes.openSessions({ run: ref.run, wave: ref.wave })) {
      await context.sys.target(open.system).endSession(open.handle);
      await deps.ledger.lanes.endSession(open.lane, open.token, open.system);
    }
  };
}

/** Settles what the wave left unknown, past horizon and fence; the crosswalk no longer follows. */
export function settleOpen(deps: Deps) {
  return async (ref: WaveRef): Promise<{ open: number; waitMs: number }> => {
    const context = await contextOf(deps, ref);
    const { open, waitMs } = await resolveCalls(context, await deps.ledger.calls.open({ run: ref.run, wave: ref.wave }), null, false);
    return { open, waitMs };
  };
}
