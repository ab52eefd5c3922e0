import type { LaneEnd } from '../../contracts/activities.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import type { Operation, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { UndoCase, UndoDecision } from '../../domain/rollback/case.ts';
import { decideUndo } from '../../domain/rollback/decide.ts';
import { kindForState } from '../../domain/rollback/kind.ts';
import { undoOrder } from '../../domain/rollback/order.ts';
import { contentHash } from '../../records/canonical.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { perform } from '../effects/perform.ts';
import { nothing, sum, type Performed } from '../effects/performed.ts';
import { seenOf } from '../effects/resolve.ts';
import { withLane } from '../effects/with-lane.ts';
import { newEffect } from '../load/new-effect.ts';
import { accountsInUse } from './in-use.ts';
import { settleUndo } from './settle-undo.ts';
import { groupByRecord, undoCaseOf, type RecordEffects } from './undo-cases.ts';

const laneSize = 200;

/** What a document that cannot be taken back says from then on, for whoever opens it in the target. */
export const returnedComment = 'returned to legacy, do not ship';

/** Lanes of an undo, in reverse dependency order; none when nothing of the wave is left to undo. */
export function planUndo(deps: Deps) {
  return async (ref: WaveRef): Promise<number[]> => {
    const context = await contextOf(deps, ref);
    if ((await deps.ledger.acts.allow(ref, 'takeBack')) === null) return [];
    const records = groupByRecord(await deps.ledger.effects.ofWave(ref.run, ref.wave, ref.attempt));
    const order = context.sys.plan.objects.map(({ name }) => name);
    const lanes: number[] = [];
    for (const object of new Set(undoOrder(order, [...records].reverse()).map((record) => record.object))) {
      const keys = records.filter((record) => record.object === object).map((record) => record.targetId);
      lanes.push(
        ...(await deps.ledger.lanes.plan({ run: ref.run, wave: ref.wave, attempt: ref.attempt, kind: 'undo', object }, keys, laneSize)),
      );
    }
    return lanes;
  };
}

/** Undoes the records of one lane, each by what is seen of it now; one failure never stops the rest. */
export function undoLane(deps: Deps) {
  return (ref: WaveRef, id: number): Promise<LaneEnd> => withLane(deps, ref, id, undoRecords);
}

async function undoRecords(context: Context, lane: ClaimedLane, open: number): Promise<Performed> {
  if (open > 0) return nothing;
  const { run, wave, attempt, object } = lane.row;
  const keys = new Set(lane.row.keys);
  const records = groupByRecord(await context.ledger.effects.ofWave(run, wave, attempt)).filter(
    (record) => record.object === object && keys.has(record.targetId),
  );
  const inUse = await accountsInUse(context, { ...context.ref, wave, attempt }, object);
  let total = nothing;
  for (const [index, record] of records.entries()) {
    context.point('duringUndo');
    const performed = await undoRecord(context, lane, record, inUse);
    if (performed?.stopped != null) return performed;
    total = sum(total, { ...(performed ?? nothing), refused: [] });
    lane.progress(index + 1);
  }
  return total;
}

/** Undoes one record, asking again in a milder way where the system refuses; null when nothing had to be written. */
async function undoRecord(
  context: Context,
  lane: ClaimedLane,
  record: RecordEffects,
  inUse: ReadonlySet<string>,
): Promise<Performed | null> {
  let refused: UndoCase['refused'];
  for (;;) {
    const [seen] = await context.sys.target(record.system).get(record.targetObject, [record.targetId]);
    const undo = {
      ...undoCaseOf(context, record, seen ?? null, inUse.has(record.sourceId)),
      ...(refused === undefined ? {} : { refused }),
    };
    const decision = remaining(undo, decideUndo(undo));
    const performed = await carryOut(context, lane, record, seen ?? null, decision);
    const [no] = performed?.refused ?? [];
    if (no === undefined || decision.act === 'none') {
      if (performed === null || performed.applied > 0) await settleUndo(context, lane, record, decision, seen ?? null);
      return performed;
    }
    if (refused?.kind === decision.act) {
      await settleUndo(
        context,
        lane,
        record,
        { ...decision, act: 'none', end: 'kept', exception: true, reason: `Kept: the system refused to ${decision.act} it: ${no.message}` },
        seen ?? null,
      );
      return null;
    }
    refused = { kind: decision.act, message: no.message };
  }
}

/** How a record is brought back to the state it was in before us; documents have no way back to the state of a draft. */
const stateBack: Readonly<Record<string, Operation>> = { active: 'reactivate', inactive: 'deactivate' };

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

/** One write of an undo. */
interface UndoWrite {
  readonly operation: Operation;
  readonly fields: Fields;
}

/** What a record that was there before us goes through: its fields first, then the state it had. */
function restoring({ fields, state }: UndoDecision): readonly UndoWrite[] {
  const operation = state === null ? undefined : stateBack[state];
  return [
    ...(Object.keys(fields).length === 0 ? [] : [{ operation: 'update', fields } as const]),
    ...(operation === undefined ? [] : [{ operation, fields: {} }]),
  ];
}

/** Writes what was decided; null where nothing is to be written. A document that must remain is marked, so that nobody ships it. */
async function carryOut(
  context: Context,
  lane: ClaimedLane,
  record: RecordEffects,
  seen: TargetRecord | null,
  decision: UndoDecision,
): Promise<Performed | null> {
  if (seen === null) return null;
  if (decision.act === 'restore') return restore(context, lane, record, seen, restoring(decision));
  const { comment } = seen.fields;
  const isReturned =
    decision.end === 'irreversible' && comment !== undefined && comment !== returnedComment && !decision.theirs.includes('comment');
  if (decision.act === 'none' && !isReturned) return null;
  const fields = isReturned ? { comment: returnedComment } : {};
  return write(lane, record, seen, { operation: decision.act === 'none' ? 'annotate' : decision.act, fields });
}

/** Each write is conditional on a read of its own; one that was not applied is the last. */
async function restore(
  context: Context,
  lane: ClaimedLane,
  record: RecordEffects,
  seen: TargetRecord,
  writes: readonly UndoWrite[],
): Promise<Performed | null> {
  let performed: Performed | null = null;
  for (const step of writes) {
    const [now] = performed === null ? [seen] : await context.sys.target(record.system).get(record.targetObject, [record.targetId]);
    if (now === undefined) return performed;
    performed = await write(lane, record, now, step);
    if (performed.applied === 0) return performed;
  }
  return performed;
}

async function write(lane: ClaimedLane, record: RecordEffects, seen: TargetRecord, { operation, fields }: UndoWrite): Promise<Performed> {
  const effect = await newEffect(lane, {
    system: record.system,
    object: record.object,
    targetObject: record.targetObject,
    sourceId: record.sourceId,
    operation,
    contentHash: contentHash({ operation, fields, target: record.targetId }),
    fields,
    before: seenOf(seen),
    targetId: record.targetId,
    origin: null,
    undoes: record.effects.at(-1)?.id ?? null,
  });
  return perform(lane, record.system, record.targetObject, [{ effect, stamp: seen.stamp }]);
}
