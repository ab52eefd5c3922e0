import { BudgetWait } from '../contracts/calls.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Mark, Noted } from '../ledger/places.ts';
import { callKey, tryNumber, workKey } from './pulse.ts';

/** Where an activity goes on that earlier tries of it had begun, and where it notes how far it is. */
export interface Tries {
  /** Up to where they had done the work, which counts for this one too; null where none has noted it. */
  readonly from: Noted | null;
  readonly note: (mark: Mark) => Promise<void>;
}

/** Work that is begun at its beginning, and never gone on with. */
export const onlyTry: Tries = { from: null, note: () => Promise.resolve() };

/** The same, begun at its beginning where what was noted last is older than so many ms. */
export function unlessOlder({ from, note }: Tries, thanMs: number): Tries {
  return { from: from !== null && from.ageMs <= thanMs ? from : null, note };
}

/** The parts of a work, by name: each notes for itself how far it is, and what the others have noted stays, as old as it is. */
export function partsOf({ from, note }: Tries): (name: string) => Tries {
  const nowMs = performance.now();
  const parts = new Map<string, { readonly mark: Mark; readonly atMs: number }>();
  for (const [name, text] of Object.entries(from?.mark ?? {})) {
    const { mark, ageMs } = JSON.parse(text) as Noted;
    parts.set(name, { mark, atMs: nowMs - ageMs - (from?.ageMs ?? 0) });
  }
  const noteAll = (): Promise<void> => {
    const texts = [...parts].map(([name, { mark, atMs }]) => [name, JSON.stringify({ mark, ageMs: performance.now() - atMs })]);
    return note(Object.fromEntries(texts) as Mark);
  };
  return (name) => {
    const own = parts.get(name);
    return {
      from: own === undefined ? null : { mark: own.mark, ageMs: nowMs - own.atMs },
      note: (mark) => {
        parts.set(name, { mark, atMs: performance.now() });
        return noteAll();
      },
    };
  };
}

/**
 * Does the work of an activity so that a later try goes on with it; where a system takes no more calls for now, so does the next call for the same
 * work (`what`: which of several of this activity) by the same workflow. How far it is stands in the ledger: histories must hold no key of a record.
 */
export async function resumable<T>(
  { places }: Pick<Ledger, 'places'>,
  { run, what = '' }: { readonly run: string; readonly what?: string },
  work: (tries: Tries) => Promise<T>,
): Promise<T> {
  const [call, waiting, attempt] = [callKey(), workKey(what), tryNumber()];
  const from = (attempt === 1 ? null : await places.of(call)) ?? (await places.of(waiting));
  try {
    const result = await work({ from, note: (mark) => places.note(run, call, attempt, mark) });
    await places.drop([call, waiting]);
    return result;
  } catch (error) {
    if (error instanceof BudgetWait) await places.handOver(call, waiting);
    throw error;
  }
}

/** The place of the object that was worked on then; -1 where the work begins. */
export function placeOf(objects: readonly { readonly name: string }[], mark: Mark | null): number {
  return objects.findIndex(({ name }) => name === mark?.['object']);
}
