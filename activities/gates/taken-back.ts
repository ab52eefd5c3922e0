import type { TakenBack } from '../../domain/gates/worse.ts';
import { recordText } from '../../domain/exceptions/key-text.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { Refusal } from '../../ledger/effects.ts';
import type { ExceptionRow } from '../../ledger/exceptions.ts';
import { textsIn, type TrailEvent } from '../../ledger/trail.ts';
import type { Context } from '../deps.ts';

/** Samples of each sort on the evidence; the report has all. */
const shown = 10;

/**
 * Why the present attempt of a wave was taken back, what the systems said in their own words, what was undone and what remains: the question that a
 * retry gate asks. Null before anything was taken back.
 */
export async function takenBackOf({ ledger, ref }: Context, wave: string): Promise<TakenBack | null> {
  const [events, exceptions, row] = await Promise.all([
    ledger.trail.events(ref.run),
    ledger.exceptions.ofRun(ref.run),
    ledger.waves.get(ref.run, wave),
  ]);
  const of = (kind: string): TrailEvent | undefined =>
    events.findLast((event) => event.kind === kind && event.wave === wave && event.detail['attempt'] === row.attempt);
  const [began, ended] = [of('rollbackBegan'), of('rolledBack')];
  if (began === undefined) return null;
  const since = row.openedAt ?? began.at;
  const refusals = await ledger.effects.refusalsOf(ref.run, wave, row.attempt);
  const own = exceptions.filter((exception) => exception.wave === wave && exception.openedAt >= since);
  const found = own.filter(({ kind }) => kindsThat('voidedByRollback').includes(kind));
  const told = new Set(found.map(({ object, sourceId }) => JSON.stringify([object, sourceId])));
  // A lane that was stopped in its midst wrote down receipts and no exceptions.
  const refused = refusals.filter(({ object, sourceId }) => !told.has(JSON.stringify([object, sourceId])));
  const remains = exceptions.filter(
    ({ wave: at, state, kind }) => at === wave && state === 'open' && kindsThat('lastsPastRollback').includes(kind),
  );
  return {
    attempt: row.attempt,
    reason: typeof began.detail['reason'] === 'string' ? began.detail['reason'] : 'no reason was written down',
    found: {
      count: found.length + refused.length,
      samples: [...found.map(sentence), ...refused.map(refusalSentence)].slice(0, shown),
    },
    undone: Number(ended?.detail['undone'] ?? 0),
    kept: Number(ended?.detail['kept'] ?? 0),
    left: textsIn(ended?.detail['left']),
    remains: { count: remains.length, samples: remains.slice(0, shown).map(sentence) },
  };
}

function refusalSentence({ object, sourceId, system, operation, reason }: Refusal): string {
  return `${recordText({ object, sourceId })}, refused: ${system} refused to ${operation} it: ${reason}`;
}

function sentence({ object, sourceId, kind, message }: ExceptionRow): string {
  return `${recordText({ object, sourceId })}, ${kind}: ${message}`;
}
