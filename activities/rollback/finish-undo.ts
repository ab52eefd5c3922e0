import type { WaveRef } from '../../contracts/messages.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import { contextOf, type Deps } from '../deps.ts';

/** Commits the end of a rollback. It is `rolledBackWithExceptions`, loudly, when anything remained; counts come from the effects themselves. */
export function finishUndo(deps: Deps) {
  return async (ref: WaveRef): Promise<{ state: 'rolledBack' | 'rolledBackWithExceptions'; undone: number; kept: number }> => {
    const context = await contextOf(deps, ref);
    await deps.ledger.exceptions.closeWave(ref.run, ref.wave, kindsThat('voidedByRollback'));
    const effects = (await deps.ledger.effects.ofWave(ref.run, ref.wave, ref.attempt)).filter((effect) => effect.undoes === null);
    const undone = effects.filter((effect) => effect.status === 'undone').length;
    const kept = effects.filter((effect) => effect.status === 'kept' || effect.status === 'irreversible').length;
    const lasting = kindsThat('lastsPastRollback');
    const open = (await deps.ledger.exceptions.openOf(ref.run, ref.wave)).filter((row) => lasting.includes(row.kind));
    const state = open.length > 0 ? 'rolledBackWithExceptions' : 'rolledBack';
    await retireMatches(context, ref);
    await deps.ledger.waves.move(ref, state);
    await deps.ledger.trail.note(ref.run, ref.wave, 'rolledBack', { state, undone, kept, remaining: open.length, attempt: ref.attempt });
    return { state, undone, kept };
  };
}

/** Rows of records that were only recognised, never written, are forgotten with the wave, so that the next attempt matches them anew. */
async function retireMatches(context: Awaited<ReturnType<typeof contextOf>>, ref: WaveRef): Promise<void> {
  const rows = await context.ledger.crosswalk.ofWave(context.scope, ref.wave);
  for (const row of rows.filter((candidate) => candidate.run === ref.run && candidate.state === 'live' && candidate.liveEffect === null))
    await context.ledger.crosswalk.setState(row.id, 'retired');
}
