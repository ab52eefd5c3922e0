import type { RunRef } from '../../contracts/messages.ts';
import type { Phase } from '../../domain/plan/phases.ts';
import { contextOf, type Deps } from '../deps.ts';

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

/**
 * Ends the run. Closed: the archive is verified once more, open exceptions were signed off by the go of the close gate, the seals stay.
 * Rolled back: what we installed in legacy is removed. Returns one line for people.
 */
export function endRun(deps: Deps) {
  return async (ref: RunRef, state: 'closed' | 'refused' | 'rolledBack' | 'rolledBackWithExceptions'): Promise<string> => {
    if (state === 'refused') {
      await deps.ledger.runs.end(ref.run, state);
      return 'refused before anything was changed';
    }
    const context = await contextOf(deps, ref);
    if (state === 'closed') {
      for (const part of await context.sys.archive.parts()) await context.sys.archive.verify(part.part);
      await deps.ledger.exceptions.signOff(ref.run);
      for (const wave of await deps.ledger.waves.all(ref.run))
        await deps.ledger.waves.move(ref.run, wave.name, ['switched', 'planned'], 'closed');
    } else {
      const books = await deps.ledger.waves.books(context.scope);
      if (books.every((row) => row.book === 'legacy')) await context.sys.source.uninstall();
    }
    const waves = await deps.ledger.waves.all(ref.run);
    const end =
      state === 'rolledBack' && waves.some((wave) => wave.state === 'rolledBackWithExceptions') ? 'rolledBackWithExceptions' : state;
    await deps.ledger.runs.end(ref.run, end);
    await deps.ledger.trail.note(ref.run, null, 'ended', { state: end });
    if (end === 'rolledBackWithExceptions')
      return 'rolled back with exceptions; legacy is the book again, and the report lists what remained';
    return state === 'closed' ? 'closed; the legacy accounts stay sealed and are handed to IT' : 'rolled back; legacy is the book again';
  };
}
