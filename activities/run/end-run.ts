import type { RunRef } from '../../contracts/messages.ts';
import { RunMovedOn } from '../../domain/waves/moved-on.ts';
import type { RunRow } from '../../ledger/runs.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { progress } from '../pulse.ts';

/**
 * Ends the run. Closed: the archive is verified once more, open exceptions were signed off by the go of the close gate, and the seals are
 * handed over if IT has taken the legacy users' rights away, else they stay. Rolled back: what we installed in legacy is removed.
 * Returns one line for people; null, and the run stays open, where a hold or a stop verb was accepted before its waves were closed. Repeating it is safe.
 */
export function endRun(deps: Deps) {
  return async (ref: RunRef, state: 'closed' | 'refused' | 'rolledBack' | 'rolledBackWithExceptions'): Promise<string | null> => {
    if (state === 'refused') {
      await deps.ledger.runs.end(ref.run, state);
      return 'refused before anything was changed';
    }
    const before = await deps.ledger.runs.get(ref.run);
    if (before.state !== 'open') return endedBefore(before);
    try {
      return await endOpen(deps, ref, state, before.scope !== null);
    } catch (error) {
      // Another try of this activity, which slept, may have ended the run between two looks of this one.
      const now = await deps.ledger.runs.get(ref.run);
      if (!(error instanceof RunMovedOn) || now.state === 'open') throw error;
      return endedBefore(now);
    }
  };
}

function endedBefore({ state }: Pick<RunRow, 'state'>): string {
  return `${state}, as it had ended before`;
}

async function endOpen(
  deps: Deps,
  ref: RunRef,
  state: 'closed' | 'rolledBack' | 'rolledBackWithExceptions',
  isBound: boolean,
): Promise<string | null> {
  const result = await ended(deps, ref, state, isBound);
  if (result === null) return null;
  const [end, line] = result;
  await deps.ledger.gates.stop(ref.run, null);
  await deps.ledger.runs.end(ref.run, end);
  await deps.ledger.trail.note(ref.run, null, 'ended', { state: end });
  return line;
}

/** A run that was taken back before preflight bound it to its systems has installed and written nothing, and may not even reach them. */
async function ended(
  deps: Deps,
  ref: RunRef,
  state: 'closed' | 'rolledBack' | 'rolledBackWithExceptions',
  isBound: boolean,
): Promise<['closed' | 'rolledBack' | 'rolledBackWithExceptions', string] | null> {
  if (!isBound && state === 'rolledBack') return ['rolledBack', 'rolled back before anything was changed'];
  const context = await contextOf(deps, ref);
  return state === 'closed' ? closed(context, ref) : rolledBack(context, ref, state);
}

async function closed({ ledger, sys }: Context, { run }: RunRef): Promise<['closed', string] | null> {
  // Asked again when its waves are closed; this spares who waits the verification of a whole archive.
  if (!(await ledger.runs.mayClose(run))) return null;
  for (const [verified, part] of (await sys.archive.parts()).entries()) {
    await sys.archive.check(part);
    progress({ verified: verified + 1 });
  }
  if (!(await ledger.runs.closeWaves(run))) return null;
  await ledger.exceptions.signOff(run);
  const order = await ledger.acts.allowInRun(run, 'handOver');
  if (order === null) throw new RunMovedOn(run, 'hand its seals over');
  const writers = await sys.source.handOver(order);
  if (writers.length === 0) {
    await ledger.trail.note(run, null, 'sealsHandedOver', {});
    return ['closed', 'closed; no legacy user can write any more, so the seals are handed over and our triggers are gone'];
  }
  await ledger.trail.note(run, null, 'sealsStay', { writers: writers.join(', ') });
  return ['closed', `closed; the moved accounts stay sealed in legacy, because these users can still write there: ${writers.join(', ')}`];
}

async function rolledBack(
  { ledger, scope, sys }: Context,
  { run }: RunRef,
  state: 'rolledBack' | 'rolledBackWithExceptions',
): Promise<['rolledBack' | 'rolledBackWithExceptions', string]> {
  const books = await ledger.waves.books(scope);
  if (books.every(({ book }) => book === 'legacy') && (await ledger.acts.was(run, 'install'))) {
    const order = await ledger.acts.allowInRun(run, 'uninstall');
    if (order === null) throw new RunMovedOn(run, 'remove what it installed in legacy');
    await sys.source.uninstall(order);
  }
  const exceptions =
    state === 'rolledBackWithExceptions' || (await ledger.waves.all(run)).some((wave) => wave.state === 'rolledBackWithExceptions');
  if (!exceptions) return ['rolledBack', 'rolled back; legacy is the book again'];
  return ['rolledBackWithExceptions', 'rolled back with exceptions; legacy is the book again, and the report lists what remained'];
}
