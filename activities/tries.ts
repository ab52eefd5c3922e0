import type { Ledger } from '../ledger/ledger.ts';
import type { Mark, Noted } from '../ledger/places.ts';
import { callKey, tryNumber } from './pulse.ts';

/** Where an activity goes on that earlier tries of it had begun, and where it notes how far it is. */
export interface Tries {
  /** Up to where they had done the work, which counts for this one too; null where none has noted it. */
  readonly from: Noted | null;
  readonly note: (mark: Mark) => Promise<void>;
}

/** Work that is begun at its beginning, and never gone on with. */
export const onlyTry: Tries = { from: null, note: () => Promise.resolve() };

/** Does the work of an activity so that a later try goes on with it. How far it is stands in the ledger: histories must hold no key of a record. */
export async function resumable<T>({ places }: Pick<Ledger, 'places'>, run: string, work: (tries: Tries) => Promise<T>): Promise<T> {
  const [call, attempt] = [callKey(), tryNumber()];
  const from = attempt === 1 ? null : await places.of(call);
  const result = await work({ from, note: (mark) => places.note(run, call, attempt, mark) });
  await places.drop(call);
  return result;
}

/** The place of the object that was worked on then; -1 where the work begins. */
export function placeOf(objects: readonly { readonly name: string }[], mark: Mark | null): number {
  return objects.findIndex(({ name }) => name === mark?.['object']);
}
