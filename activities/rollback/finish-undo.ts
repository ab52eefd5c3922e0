import type { WaveRef } from '../../contracts/messages.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import { leftSentence } from '../../domain/rollback/left.ts';
import { contextOf, type Deps } from '../deps.ts';

/** Commits the end of a rollback. It is `rolledBackWithExceptions`, loudly, when anything remained or was not taken back; counts come from the effects themselves. */
export function finishUndo(deps: Deps) {
  return async (ref: WaveRef): Promise<{ state: 'rolledBack' | 'rolledBackWithExceptions'; undone: number; kept: number }> => {
    const context = await contextOf(deps, ref);
    const lasting = kindsThat('lastsPastRollback');
    const state = await deps.ledger.undoing.finish(ref, context.scope, { voided: kindsThat('voidedByRollback'), lasting });
    const ends = await deps.ledger.effects.ends(ref.run, ref.wave, ref.attempt);
    const undone = ends.get('undone') ?? 0;
    const kept = (ends.get('kept') ?? 0) + (ends.get('irreversible') ?? 0);
    const remaining = (await deps.ledger.exceptions.openOf(ref.run, ref.wave)).filter((row) => lasting.includes(row.kind)).length;
    const left = (await deps.ledger.effects.leftOf(ref.run, ref.wave, ref.attempt)).map(leftSentence);
    await deps.ledger.trail.note(ref.run, ref.wave, 'rolledBack', { state, undone, kept, left, remaining, attempt: ref.attempt });
    return { state, undone, kept };
  };
}
