import type { TargetRecord } from '../../contracts/adapter.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { UndoDecision } from '../../domain/rollback/case.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import type { RecordEffects } from './undo-cases.ts';

/** Writes down how one record ended: its effects, its crosswalk row, and an exception where a person must look. */
export async function settleUndo(
  context: Context,
  lane: ClaimedLane,
  record: RecordEffects,
  decision: UndoDecision,
  seen: TargetRecord | null,
): Promise<void> {
  for (const effect of record.effects) await context.ledger.effects.setEnd(effect.id, decision.end, decision.reason);
  const rows = await context.ledger.crosswalk.byTarget(context.scope, record.system, record.targetObject, [record.targetId]);
  const owned = rows.filter((row) => row.object === record.object && row.run === lane.row.run && row.wave === lane.row.wave);
  const stays = seen !== null && (decision.end === 'kept' || decision.end === 'irreversible');
  for (const row of owned) {
    const earlier = stays || seen === null ? null : await contentBefore(context, record, row);
    if (earlier !== null) {
      await context.ledger.crosswalk.backToKept(row.id, earlier);
      // It is again what an earlier attempt left, and wants a person again.
      await context.ledger.exceptions.reopen(lane.row.run, record.object, record.sourceId, kindsThat('curedBySwitch'));
    } else await context.ledger.crosswalk.setState(row.id, stays ? (decision.act === 'deactivate' ? 'deactivated' : 'kept') : 'retired');
  }
  if (!decision.exception && decision.end !== 'irreversible') return;
  const account = (await context.ledger.records.accountsOf(context.scope, record.object, [record.sourceId])).get(record.sourceId) ?? null;
  const values = decision.theirs.length === 0 ? '' : ` Changed by somebody since: ${decision.theirs.join(', ')}.`;
  await context.ledger.exceptions.open(lane.row.run, lane.row.wave, [
    {
      object: record.object,
      sourceId: record.sourceId,
      account,
      kind: decision.end === 'irreversible' ? 'remains' : 'keptByRollback',
      message: `${decision.reason}${values}`,
      candidates: [record.targetId],
    },
  ]);
}

/** Hash of what an earlier attempt had left in a record that this one only changed; null where this attempt or nobody of us made it. */
async function contentBefore(
  context: Context,
  { system, object, sourceId, targetId, effects }: RecordEffects,
  row: CrosswalkRow,
): Promise<string | null> {
  if (row.origin !== 'created' || effects.some(({ operation }) => operation === 'create')) return null;
  const own = new Set(effects.map(({ id }) => id));
  const earlier = (await context.ledger.effects.history(context.scope, system, object, [sourceId])).filter(
    (effect) =>
      !own.has(effect.id) &&
      effect.undoes === null &&
      effect.targetId === targetId &&
      ['create', 'update'].includes(effect.operation) &&
      effect.status !== 'undone',
  );
  return earlier.at(-1)?.contentHash ?? null;
}
