import type { RunStanding } from '../../contracts/activities.ts';
import { gateNames, sharedWave, type RunRef, type WaveRef } from '../../contracts/messages.ts';
import type { Stop } from '../../domain/gates/stops.ts';
import type { WavePlace } from '../../domain/waves/entry.ts';
import type { DecisionRow } from '../../ledger/decisions.ts';
import type { GateEnd } from '../../ledger/gates.ts';
import type { WaveRow } from '../../ledger/waves.ts';
import type { Deps } from '../deps.ts';
import { liftOrphaned } from './look-at-run.ts';

/** Where a run stands in the ledger: what its workflow goes on from, whether it begins, continues as new, or is taken up after its end. */
export async function standingOf(deps: Deps, ref: RunRef): Promise<RunStanding> {
  const { ledger } = deps;
  await liftOrphaned(deps.ledger, ref.run);
  const [run, waves, standing, gates, decisions, hasBegun] = await Promise.all([
    ledger.runs.get(ref.run),
    ledger.waves.all(ref.run),
    ledger.holds.standing(ref.run),
    ledger.gates.newest(ref.run),
    ledger.decisions.all(ref.run),
    ledger.trail.has(ref.run, 'phase'),
  ]);
  const elsewhere = await switchedElsewhere(deps, ref, run.scope);
  const rollbackOf = (asked: string): Stop | null =>
    standing.stops.find(({ verb, scope }) => verb === 'rollback' && scope === asked) ?? null;
  return {
    state: run.state,
    phase: run.phase,
    hasBegun,
    hold: standing.holds[0]?.reason ?? null,
    rollback: rollbackOf('run') ?? orderedRollback(decisions),
    waves: waves.map(({ name, attempt, state }) => ({
      ...{ name, attempt, state, isDone: elsewhere.has(name), rollback: rollbackOf(name) },
      isRetryDecided: isRetryDecided(gates.get(gateNames.retry(name)), attempt),
    })),
    isBaselined: gates.get('baseline')?.state === 'go',
    isClosing: isClosing(
      gates.get('close'),
      waves.filter(({ name }) => !elsewhere.has(name)),
    ),
  };
}

/** The first accepted order to take the whole run back: nothing lifts it. */
function orderedRollback(decisions: readonly DecisionRow[]): Stop | null {
  const order = decisions.find(({ verb, scope, outcome }) => verb === 'rollback' && (scope ?? 'run') === 'run' && outcome === 'accepted');
  if (order === undefined) return null;
  return { verb: 'rollback', scope: 'run', requestId: order.requestId, person: order.person, role: order.role, reason: order.reason };
}

/** Waves of the plan whose accounts an earlier run has all switched: this one leaves them alone. */
async function switchedElsewhere(deps: Deps, ref: RunRef, scope: string | null): Promise<ReadonlySet<string>> {
  if (scope === null) return new Set();
  const { plan } = await deps.systems(ref);
  const switched = await deps.ledger.waves.switchedBefore(scope, ref.run);
  const done = [plan.pilot, ...plan.waves].filter(({ accounts }) => accounts.every((account) => switched.has(account)));
  return new Set(done.map(({ name }) => name));
}

/** The go of a retry gate holds until the next attempt of its wave begins. */
function isRetryDecided(retry: GateEnd | undefined, attempt: number): boolean {
  return retry?.state === 'go' && retry.waveAttempt === attempt;
}

/** The go of the close gate holds for what people saw of the waves of this run: one that has switched since then asks for another go. */
function isClosing(close: GateEnd | undefined, waves: readonly WaveRow[]): boolean {
  if (close?.state !== 'go') return false;
  return waves.every(
    ({ name, state, switchedAt }) =>
      name === sharedWave || state === 'closed' || (state === 'switched' && (switchedAt ?? close.openedAt) <= close.openedAt),
  );
}

/**
 * Where a wave attempt stands: its state, the stop that stands against it, and its switch gate since the last freeze began. One that a no-go or a rollback
 * orders back goes no step forward, whoever takes it up.
 */
export function waveStands(deps: Deps) {
  return async (ref: WaveRef): Promise<WavePlace & { readonly stop: Stop | null }> => {
    const { state, attempt } = await deps.ledger.waves.get(ref.run, ref.wave);
    const { stops } = await deps.ledger.holds.standing(ref.run);
    const stop = stops.find(({ scope }) => scope === ref.wave) ?? null;
    return { isPresent: attempt === ref.attempt && stop === null, state, gate: await gateSinceFreeze(deps, ref), stop };
  };
}

async function gateSinceFreeze({ ledger }: Deps, ref: WaveRef): Promise<WavePlace['gate']> {
  const [gate, freeze] = await Promise.all([ledger.gates.latest(ref.run, gateNames.switch(ref.wave)), ledger.steps.latest(ref, 'freeze')]);
  if (gate === null || freeze === null || gate.openedAt < freeze.begunAt) return null;
  return gate.state === 'open' || gate.state === 'go' ? gate.state : 'ended';
}
