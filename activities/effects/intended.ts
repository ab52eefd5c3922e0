import type { NewEffect } from '../../ledger/effect-row.ts';

/** An effect about to be performed; `stamp` makes its write conditional on the version that was read. */
export interface Intended {
  readonly effect: NewEffect;
  readonly stamp: string | null;
}
