import type { LaneEnd } from '../../contracts/activities.ts';
import { BudgetWait } from '../../contracts/calls.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { ClaimedLane } from './claimed-lane.ts';
import type { Performed } from './performed.ts';
import { settleLeftOpen } from './left-open.ts';
import { resolveCalls, together, type Resolved } from './resolve.ts';

/** What a lane does between its claim and its end; `open` calls of earlier claims, or of other lanes on its records, could not be settled yet. */
export type LaneWork = (context: Context, lane: ClaimedLane, open: number) => Promise<Performed>;

const reasons: Readonly<Record<LaneEnd['end'], string>> = {
  done: '',
  fenced: 'another attempt or a rollback took the lane over',
  held: 'the run is held',
  noGuard: 'no guard is alive to watch the load',
  budget: 'the system takes no more calls for now',
  wait: 'calls of unknown outcome or to be sent again',
};

/**
 * The one way of every lane (P1, P2): claim it, settle what an earlier claim or another lane left open, do the work, and finish it where nothing is left open;
 * its sessions end whatever happened. `wait` and `budget` ask to be called again after `waitMs`.
 */
export async function withLane(deps: Deps, ref: WaveRef, id: number, work: LaneWork): Promise<LaneEnd> {
  const context = await contextOf(deps, ref);
  const lane = await ClaimedLane.claim(context, id);
  if (typeof lane === 'string') return ended(lane, null);
  try {
    const resolved = together(
      await resolveCalls(context, await deps.ledger.calls.open({ lane: id }), lane.token, 'follows'),
      await settleLeftOpen(context, lane),
    );
    const performed = await work(context, lane, resolved.open);
    if (performed.stopped !== null) return ended(performed.stopped, performed);
    const open = performed.unknown + performed.again + resolved.open;
    if (open > 0) return waiting(context, performed, resolved, open);
    return ended((await deps.ledger.lanes.finish(id, lane.token.token)) ? 'done' : 'held', performed);
  } catch (error) {
    if (!(error instanceof BudgetWait)) throw error;
    return { ...ended('budget', null), waitMs: error.waitMs, why: error.message };
  } finally {
    await lane.release();
  }
}

function ended(end: LaneEnd['end'], performed: Performed | null): LaneEnd {
  return { end, waitMs: 0, why: reasons[end], written: performed?.applied.length ?? 0, failed: performed?.refused.length ?? 0 };
}

/** The one wait of a lane: until the system takes calls again, and until what is unknown can be judged. */
function waiting({ sys }: Context, performed: Performed, resolved: Resolved, open: number): LaneEnd {
  return {
    ...ended('wait', performed),
    waitMs: Math.max(resolved.waitMs, performed.retryMs, performed.unknown > 0 ? sys.env.timings.callTimeout : 0),
    why: `${String(open)} ${reasons.wait}`,
  };
}
