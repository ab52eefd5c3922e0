import type { Operation, TargetRecord } from '../../contracts/adapter.ts';
import type { SeenRecord } from '../../domain/effects/verdict.ts';
import type { UndoCase, UndoDecision } from '../../domain/rollback/case.ts';
import { decideUndo } from '../../domain/rollback/decide.ts';
import { endStates } from '../../domain/rollback/images.ts';
import { kindForState } from '../../domain/rollback/kind.ts';
import type { Context } from '../deps.ts';
import { touchedSince } from '../effects/others-since.ts';
import { seenOf } from '../effects/resolve.ts';
import { undoCaseOf, type DecidedUndo, type RecordEffects } from './undo-cases.ts';

/** A record of a rollback's scope, and what was read of it just now; null where it is gone. */
export type SeenUndo = Pick<DecidedUndo, 'record' | 'seen'>;

/** What a decision rests on beside the record itself. */
export interface Circumstances {
  /** Source keys of the records that something else in the target still needs. */
  readonly inUse: ReadonlySet<string>;
  /** The way that the system would not take. */
  readonly refused?: UndoCase['refused'];
  /** Somebody else worked on it. */
  readonly touched?: boolean;
  /** Somebody changed the state to which an undo had brought it. */
  readonly broughtBack?: boolean;
}

/**
 * What is to be done about each of these records, in their order. Who worked on those that would be deleted is asked of the target, for all of them at
 * once and after they were seen: what somebody added to what is not read is lost with its record too.
 */
export async function decideUndos(
  context: Context,
  undos: readonly SeenUndo[],
  circumstances: Circumstances,
): Promise<readonly DecidedUndo[]> {
  const decide = ({ record, seen }: SeenUndo, touched: boolean): DecidedUndo => {
    const broughtBack = isBroughtBack(record, seen);
    const decision = decisionOn(context, record, seen === null ? null : seenOf(seen), { ...circumstances, touched, broughtBack });
    return { record, seen, decision };
  };
  const decided = undos.map((one) => decide(one, false));
  const deleted = decided.filter(({ decision }) => decision.act === 'delete');
  const touched = await touchedAmong(
    context,
    deleted.map(({ record }) => record),
  );
  return decided.map((one) => (touched.has(one.record) ? decide(one, true) : one));
}

/** What is to be done about a record as it is, or was, seen. */
export function decisionOn(
  context: Context,
  record: RecordEffects,
  seen: SeenRecord | null,
  { inUse, refused, touched, broughtBack }: Circumstances,
): UndoDecision {
  const undo = { ...undoCaseOf(context, record, seen, inUse.has(record.sourceId)), touched, refused, broughtBack };
  return remaining(undo, decideUndo(undo));
}

/** Whether it is no longer in the state to which the last undo of this attempt that changes one brought it: that is an act of somebody, and stands. */
function isBroughtBack({ undos }: RecordEffects, seen: TargetRecord | null): boolean {
  const states = undos.flatMap(({ operation }) => endStates[operation] ?? []);
  return seen !== null && states.length > 0 && seen.state !== states.at(-1);
}

async function touchedAmong(context: Context, records: readonly RecordEffects[]): Promise<ReadonlySet<RecordEffects>> {
  const touched = new Set<RecordEffects>();
  for (const some of Map.groupBy(records, ({ system, targetObject }) => JSON.stringify([system, targetObject])).values()) {
    const [first] = some;
    if (first === undefined) continue;
    const made = some.flatMap(({ targetId, effects: [effect] }) =>
      effect === undefined ? [] : [{ targetId, intendedAt: effect.intendedAt }],
    );
    const ids = await touchedSince(context, { target: { system: first.system, object: first.targetObject } }, made);
    for (const record of some) if (ids.has(record.targetId)) touched.add(record);
  }
  return touched;
}

/** How a record is brought back to the state it was in before us; documents have no way back to the state of a draft. */
export const stateBack: Readonly<Record<string, Operation>> = { active: 'reactivate', inactive: 'deactivate' };

/**
 * A record that is kept in a state nobody can take back ends as irreversible, whoever brought it there: it is marked like a document that we had
 * activated, and the next attempt knows it by that. One whose state has no way back ends as kept, with its fields as they were.
 */
function remaining({ seen, undoKinds }: UndoCase, decision: UndoDecision): UndoDecision {
  const { act, state } = decision;
  if (act === 'restore' && state !== null && stateBack[state] === undefined) {
    const reason = `Kept: its fields are as they were before us, and it was ${state}, which cannot be brought back from here.`;
    return { ...decision, act: Object.keys(decision.fields).length === 0 ? 'none' : act, end: 'kept', exception: true, reason };
  }
  const stays = seen !== null && decision.end === 'kept' && kindForState(undoKinds, seen.state) === 'impossible';
  return stays ? { ...decision, end: 'irreversible' } : decision;
}
