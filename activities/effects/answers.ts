import type { RowOutcome } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { DeadlinePassed } from './deadline.ts';
import type { Intended } from './intended.ts';

/** Outcomes for a call that threw: never sent, refused as a whole, or unknown. */
export function notAnswered(sent: readonly Intended[], error: unknown): readonly RowOutcome[] {
  const message = error instanceof Error ? error.message : 'the call failed';
  const notApplied = error instanceof DeadlinePassed || (error instanceof AdapterError && !error.unknownOutcome);
  const kind = error instanceof AdapterError ? error.kind : 'unavailable';
  const wait = error instanceof AdapterError && error.retryAfterMs !== null ? { retryAfterMs: error.retryAfterMs } : {};
  return sent.map(({ effect }) =>
    notApplied
      ? { effectId: effect.id, outcome: 'rejected', kind, message, ...wait }
      : { effectId: effect.id, outcome: 'unknown', message },
  );
}

/**
 * The outcomes that a reply gives to the rows sent. A reply of the wrong length or order says nothing about any of them. One with an id that two rows
 * name, or with another id than a row was sent to, says nothing about these rows; the others keep theirs.
 */
export function complete(sent: readonly Intended[], outcomes: readonly RowOutcome[]): readonly RowOutcome[] {
  const fits = outcomes.length === sent.length && outcomes.every((row, index) => row.effectId === sent[index]?.effect.id);
  if (!fits) return sent.map(({ effect }) => unknown(effect.id, 'the reply did not fit the rows sent'));
  const named = Map.groupBy(outcomes, (row) => ('id' in row ? row.id : null));
  return outcomes.map((row, index) => {
    if (!('id' in row)) return row;
    if ((named.get(row.id)?.length ?? 0) > 1) return unknown(row.effectId, 'the reply names its record twice');
    const asked = sent[index]?.effect.targetId ?? row.id;
    return row.id === asked ? row : unknown(row.effectId, 'the reply names another record than the one written to');
  });
}

function unknown(effectId: string, message: string): RowOutcome {
  return { effectId, outcome: 'unknown', message };
}
