import type { GateCall } from '../../contracts/activities.ts';
import { sharedWave } from '../../contracts/messages.ts';
import type { Context } from '../deps.ts';
import { guardWithinMs } from '../../domain/guards/alive.ts';
import { freezeName } from '../waves/freeze.ts';

/** What must hold at the moment of action, is not voted on, and may come right by itself (P5); in words what does not hold, or null. */
export async function unmetPrecondition({ ledger, ref, sys }: Context, call: GateCall): Promise<string | null> {
  if (!(await ledger.runs.guardAlive(ref.run, guardWithinMs(sys.env)))) return 'the watcher of the guards gives no sign of life';
  const breaches = await ledger.guards.unanswered(ref.run, call.wave === sharedWave ? null : call.wave);
  return breaches.length === 0 ? null : `nobody has answered the breach of ${breaches.join(', ')}`;
}

/** Whether the freeze behind a switch gate still holds; null when it does, or the gate needs none. A lapsed one is frozen and read again. */
export async function lapsedLease({ ledger, sys }: Context, call: GateCall): Promise<string | null> {
  if (call.kind !== 'switch' || call.wave === sharedWave) return null;
  const wave = await ledger.waves.get(call.run, call.wave);
  if (wave.stagedGeneration !== wave.generation) return 'the last delta was not read under the present freeze';
  const states = (await sys.source.freezeStates(await ledger.freezes.held(call.run, call.wave))).filter(
    (state) => state.wave === freezeName(call) && state.generation === wave.generation,
  );
  return states.some((state) => !state.holds) ? 'the freeze lease has lapsed' : null;
}
