import { contactsPerAccount } from './contacts.ts';
import type { Trouble } from './trouble.ts';

/** Sizes of a workload. */
export interface Sizes {
  readonly records: number;
  readonly batch: number;
  /** Calls in flight at most. */
  readonly concurrency: number;
  /** Milliseconds the target takes for an answer. */
  readonly answerMs: number;
  /** Calls that the target takes in any `perMs`, and the plan declares; null where it takes all. */
  readonly quota: Quota | null;
  /** How it behaves where it is no ideal target; null where it is one. */
  readonly trouble: Trouble | null;
}

/** How many records a round moves: with trouble come the people of the accounts. */
export function recordsOf({ records, trouble }: Pick<Sizes, 'records' | 'trouble'>): number {
  return trouble === null ? records : records * (1 + contactsPerAccount);
}

export interface Quota {
  readonly calls: number;
  readonly perMs: number;
}
