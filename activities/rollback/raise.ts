import type { WaveRef } from '../../contracts/messages.ts';
import { orderText } from '../../domain/gates/stops.ts';
import { guardWithinMs } from '../../domain/guards/alive.ts';
import type { OpenCall } from '../../ledger/calls.ts';
import { instantText } from '../../reports/instant.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { endSessionsOf } from '../effects/end-sessions.ts';
import { resolveCalls, together } from '../effects/resolve.ts';

/** The raise (P1): from its commit on no intent of the wave's load or switch can begin. False where the wave never began, or has ended. */
export function raiseWave(deps: Deps) {
  return async (ref: WaveRef, requestId: string, reason: string): Promise<boolean> => {
    const raised = await deps.ledger.waves.raise(`${requestId}/${ref.wave}/${String(ref.attempt)}`, ref);
    deps.point('afterRaise');
    if (raised)
      await deps.ledger.trail.noteOnce(ref.run, ref.wave, 'rollbackBegan', {
        reason: await whyBack(deps, ref, reason),
        attempt: ref.attempt,
      });
    return raised;
  };
}

/** Who ordered it, when and why, where the ledger knows; else the reason the run gives, such as a deadline that passed. */
async function whyBack({ ledger }: Deps, { run, wave, attempt }: WaveRef, reason: string): Promise<string> {
  const orders = await ledger.holds.ordersBack(run, wave, attempt);
  return orders.length === 0 ? reason : orders.map((order) => orderText(order, instantText(order.at.toISOString()))).join('; ');
}

/** Ends the sessions of all claims of the wave's attempt (and earlier ones) at their targets, confirmed: the fence that no sleeping process gets past. */
export function endSessions(deps: Deps) {
  return async (ref: WaveRef): Promise<void> => {
    const context = await contextOf(deps, ref);
    if ((await deps.ledger.acts.allow(ref, 'takeBack')) === null) return;
    await endSessionsOf(context, ref);
  };
}

/**
 * Settles what the wave's attempt left unknown, past horizon and fence; the crosswalk no longer follows. What an earlier attempt did is taken back by
 * nobody any more: it is left for the next. No lane of the undo is at work here: one that has calls open is called no more, and is fenced like all others.
 */
export function settleOpen(deps: Deps) {
  return async (ref: WaveRef): Promise<{ open: number; waitMs: number }> => {
    const context = await contextOf(deps, ref);
    if ((await deps.ledger.acts.allow(ref, 'takeBack')) === null) return { open: 0, waitMs: 0 };
    const openNow = async (): Promise<readonly OpenCall[]> =>
      (await deps.ledger.calls.open({ run: ref.run, wave: ref.wave })).filter(({ effect }) => effect.attempt <= ref.attempt);
    await fenceUndo(context, await openNow());
    // Read anew: only now it is known when their sessions ended.
    const calls = await openNow();
    const own = await resolveCalls(
      context,
      calls.filter(({ isOver }) => !isOver),
      null,
      'stays',
    );
    const left = await resolveCalls(
      context,
      calls.filter(({ isOver }) => isOver),
      null,
      'left',
    );
    const { open, waitMs } = together(own, left);
    return { open, waitMs };
  };
}

/** Sees to it that nobody writes any more in lanes of this undo that left these calls open: whoever called them has died, or sleeps. */
async function fenceUndo(context: Context, calls: readonly OpenCall[]): Promise<void> {
  const { ledger, sys } = context;
  for (const lane of new Set(calls.map(({ effect }) => effect.lane))) {
    if ((await ledger.lanes.get(lane)).kind !== 'undo') continue;
    const claim = await ledger.lanes.claim(lane, guardWithinMs(sys.env));
    if ('token' in claim) await endSessionsOf(context, { lane, before: claim.token });
  }
}
