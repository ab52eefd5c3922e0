import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { guardWithinMs } from '../../domain/guards/alive.ts';
import type { OpenCall } from '../../ledger/calls.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from './claimed-lane.ts';
import { endSessionsOf } from './end-sessions.ts';
import { resolveCalls, together, type Resolved } from './resolve.ts';

/** More claims than a lane can have had. */
const everyClaim = 2 ** 31 - 1;

const nothing: Resolved = { settled: 0, open: 0, waitMs: 0 };

/**
 * Settles the calls that other lanes left open on the records of this one (P2): while one is open, nothing may be written there. Calls of an attempt that is
 * over are settled as its rollback would have ended, had it known: what stands is left for this lane to take over. A lane of the present attempt that has
 * not settled its calls in its time is called no more: it is claimed first, so that nobody writes for it.
 */
export async function settleLeftOpen(context: Context, lane: ClaimedLane): Promise<Resolved> {
  const { kind } = lane.row;
  // The keys of other lanes are no source keys; and a rollback settles all calls of its wave before it begins.
  const object = kind === 'load' || kind === 'switch' ? context.sys.plan.objects.find(({ name }) => name === lane.row.object) : undefined;
  if (object === undefined) return nothing;
  const found = await openElsewhere(context, lane, object);
  if (found.length === 0) return nothing;
  const lanes = await fence(context, found);
  // Read anew: only now it is known when their sessions ended.
  const calls = Map.groupBy(await openElsewhere(context, lane, object), ({ effect }) => lanes.get(effect.lane) ?? 'called');
  const over = calls.get('over') ?? [];
  const left = await resolveCalls(context, over, lane.token, 'left');
  const keys = over.map(({ effect }) => effect.sourceId);
  await context.ledger.exceptions.closeVoid(context.scope, context.ref.run, object.name, keys);
  const follows = await resolveCalls(context, calls.get('fenced') ?? [], lane.token, 'follows');
  const others = calls.get('called') ?? [];
  const waits = { settled: 0, open: others.length, waitMs: Math.max(0, ...others.map(({ timeoutMs }) => timeoutMs)) };
  return [left, follows, waits].reduce(together);
}

/** Sees to it that nobody writes any more through the sessions of these calls; returns of which lanes that is so. Lanes that may be called are left alone. */
async function fence(context: Context, calls: readonly OpenCall[]): Promise<ReadonlyMap<number, 'over' | 'fenced'>> {
  const lanes = new Map<number, 'over' | 'fenced'>();
  for (const call of calls) {
    const { lane } = call.effect;
    if (lanes.has(lane) || (!call.isOver && !isLeft(context, call))) continue;
    const claim = call.isOver ? { token: everyClaim } : await context.ledger.lanes.claim(lane, guardWithinMs(context.sys.env));
    if ('refused' in claim) continue;
    await endSessionsOf(context, { lane, before: claim.token });
    lanes.set(lane, call.isOver ? 'over' : 'fenced');
  }
  return lanes;
}

function openElsewhere({ ledger }: Context, { token, row }: ClaimedLane, { target }: ObjectPlan): Promise<readonly OpenCall[]> {
  return ledger.calls.openElsewhere(token, { system: target.system, targetObject: target.object }, row.keys);
}

/** Whether the lane of a call would have settled it by now, were it called at all: it could for as long as another call takes. */
function isLeft({ sys }: Context, { effect, ageMs, timeoutMs }: OpenCall): boolean {
  const { commitHorizonMs, readLagMs } = sys.target(effect.system).capabilities;
  return ageMs > 2 * timeoutMs + commitHorizonMs + readLagMs;
}
