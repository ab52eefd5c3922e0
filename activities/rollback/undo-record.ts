import type { Operation, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { SeenRecord } from '../../domain/effects/verdict.ts';
import type { UndoCase, UndoDecision } from '../../domain/rollback/case.ts';
import { contentHash } from '../../records/canonical.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { perform } from '../effects/perform.ts';
import { stoppedBy, type Performed } from '../effects/performed.ts';
import { seenOf } from '../effects/resolve.ts';
import { newEffect, type EffectDraft } from '../load/new-effect.ts';
import { settleUndos } from './settle-undo.ts';
import type { RecordEffects } from './undo-cases.ts';
import { decideUndos, stateBack } from './undo-decisions.ts';

/** What a document that cannot be taken back says from then on, for whoever opens it in the target. */
export const returnedComment = 'returned to legacy, do not ship';

/** Undoes one record, asking again in a milder way where the system refuses; null when nothing had to be written. */
export async function undoRecord(
  context: Context,
  lane: ClaimedLane,
  record: RecordEffects,
  inUse: ReadonlySet<string>,
): Promise<Performed | null> {
  let refused: UndoCase['refused'];
  for (;;) {
    const [found] = await context.sys.target(record.system).get(record.targetObject, [record.targetId]);
    const seen = found ?? null;
    const [decided] = await decideUndos(context, [{ record, seen }], { inUse, refused });
    if (decided === undefined) return null;
    const { decision } = decided;
    const performed = await carryOut(context, lane, record, seen, decision);
    const [no] = performed?.refused ?? [];
    if (no === undefined || decision.act === 'none') {
      if (performed !== null && performed.applied.length === 0) return performed;
      return stoppedBy(performed, await settleUndos(context, lane, [decided]));
    }
    if (refused?.kind === decision.act) {
      const reason = `Kept: the system refused to ${decision.act} it: ${no.message}`;
      const kept: UndoDecision = { ...decision, act: 'none', end: 'kept', exception: true, reason };
      return stoppedBy(null, await settleUndos(context, lane, [{ record, decision: kept, seen }]));
    }
    refused = { kind: decision.act, message: no.message };
  }
}

/** One write of an undo. */
export interface UndoWrite {
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

/** The writes that a decision needs, in order; a document that must remain is marked, so that nobody ships it. */
export function writesOf(seen: SeenRecord | null, decision: UndoDecision): readonly UndoWrite[] {
  if (seen === null) return [];
  if (decision.act === 'restore') return restoring(decision);
  const { comment } = seen.fields;
  const isReturned =
    decision.end === 'irreversible' && comment !== undefined && comment !== returnedComment && !decision.theirs.includes('comment');
  if (decision.act === 'none' && !isReturned) return [];
  const fields = isReturned ? { comment: returnedComment } : {};
  return [{ operation: decision.act === 'none' ? 'annotate' : decision.act, fields }];
}

/** Writes what was decided; null where nothing is to be written. */
async function carryOut(
  context: Context,
  lane: ClaimedLane,
  record: RecordEffects,
  seen: TargetRecord | null,
  decision: UndoDecision,
): Promise<Performed | null> {
  return seen === null ? null : inTurn(context, lane, record, seen, writesOf(seen, decision));
}

/** Each write is conditional on a read of its own; one that was not applied is the last. */
async function inTurn(
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
    if (performed.applied.length === 0) return performed;
  }
  return performed;
}

async function write(lane: ClaimedLane, record: RecordEffects, seen: TargetRecord, step: UndoWrite): Promise<Performed> {
  const effect = await newEffect(lane, undoDraft(record, seen, step));
  return perform(lane, record.system, record.targetObject, [{ effect, stamp: seen.stamp }]);
}

/** The effect of one write of an undo. */
export function undoDraft(record: RecordEffects, seen: TargetRecord, { operation, fields }: UndoWrite): EffectDraft {
  return {
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
  };
}
