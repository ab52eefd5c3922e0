import type { NewEffect } from '../../ledger/effect-row.ts';
import type { SourceName } from '../../ledger/owners.ts';

/** What became of the effects of one or more calls of `perform`. */
export interface Performed {
  /** The lane may write no more: another claim or a rollback took it over, or the run is held. Nothing was sent after that. */
  readonly stopped: 'fenced' | 'held' | null;
  /** Ids of the effects that the system applied, or found applied. */
  readonly applied: readonly string[];
  /** Effects the system refused, each with its words. */
  readonly refused: readonly { readonly effect: NewEffect; readonly message: string }[];
  /** Effects that were never sent, because their target record stands for another source record. */
  readonly taken: readonly { readonly effect: NewEffect; readonly owner: SourceName }[];
  /** Effects that may be sent again after `retryMs`: throttled, locked, unavailable, or never sent, be it that another call is open on their record. */
  readonly again: number;
  readonly retryMs: number;
  /** Effects whose outcome only a later read can tell. */
  readonly unknown: number;
}

/** Nothing was written and nothing is open. */
export const nothing: Performed = { stopped: null, applied: [], refused: [], taken: [], again: 0, retryMs: 0, unknown: 0 };

/** A result with what stopped its lane; as it is where nothing did. */
export function stoppedBy<T extends Performed | null>(performed: T, stopped: Performed['stopped']): T | Performed {
  return stopped === null ? performed : { ...(performed ?? nothing), stopped };
}

/** Two results as one. */
export function sum(a: Performed, b: Performed): Performed {
  return {
    // What is fenced never comes back; what is held may.
    stopped: a.stopped === 'fenced' ? a.stopped : (b.stopped ?? a.stopped),
    applied: [...a.applied, ...b.applied],
    refused: [...a.refused, ...b.refused],
    taken: [...a.taken, ...b.taken],
    again: a.again + b.again,
    retryMs: Math.max(a.retryMs, b.retryMs),
    unknown: a.unknown + b.unknown,
  };
}
