import type { CrosswalkRow } from '../../ledger/crosswalk-row.ts';
import type { RowEnd } from '../../ledger/crosswalk.ts';
import type { NewException } from '../../ledger/exceptions.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import type { Performed } from '../effects/performed.ts';
import type { DecidedUndo, RecordEffects } from './undo-cases.ts';

/**
 * Writes down how records ended, all in one transaction: their effects, their crosswalk rows, an exception where a person must look; then how far the lane is.
 * Says what took the lane where another try has it by now: that one sees the records as they are then, and nothing is written down here.
 */
export async function settleUndos(context: Context, lane: ClaimedLane, undos: readonly DecidedUndo[]): Promise<Performed['stopped']> {
  if (undos.length === 0) return null;
  const { ledger } = context;
  const rows = await rowsOf(context, lane, undos);
  const ends = await Promise.all(rows.map((one) => endOf(context, one)));
  const told = undos.filter(({ decision }) => decision.exception || decision.end === 'irreversible');
  const byObject = [...Map.groupBy(told, ({ record }) => record.object).values()];
  const stopped = await ledger.crosswalk.endRows(lane.token, ends, {
    leftAgain: rows.flatMap(({ undo }, index) => (ends[index]?.contentHash == null ? [] : [undo.record])),
    told: (await Promise.all(byObject.map((some) => exceptionsOf(context, some)))).flat(),
    effects: undos.flatMap(({ record, decision }) =>
      record.effects.map(({ id }) => ({ id, status: decision.end, reason: decision.reason })),
    ),
  });
  if (stopped !== null) return stopped;
  const kept = undos.filter(({ decision }) => decision.end === 'kept' || decision.end === 'irreversible').length;
  await ledger.lanes.count(lane.row.id, { applied: undos.length - kept, kept });
  return null;
}

interface UndoneRow {
  readonly undo: DecidedUndo;
  readonly row: CrosswalkRow;
}

/**
 * The end of a row of this wave's records; one that an earlier attempt had left is again what that attempt wrote. One that stays, but not with what we wrote,
 * stands for its source record no more: the next attempt finds it as it found it first, and plans its write again.
 */
async function endOf(context: Context, { undo: { record, decision, seen }, row }: UndoneRow): Promise<RowEnd> {
  const stays = seen !== null && (decision.end === 'kept' || decision.end === 'irreversible') && !decision.restored;
  const earlier = stays || seen === null ? null : await contentBefore(context, record, row);
  // One that was out of use before is out of use again: who loads it next brings it back into use.
  const rests = (decision.state ?? seen?.state) === 'inactive';
  if (earlier !== null) return { id: row.id, state: rests ? 'deactivated' : 'kept', contentHash: earlier };
  return { id: row.id, state: stays ? (decision.act === 'deactivate' ? 'deactivated' : 'kept') : 'retired', contentHash: null };
}

/** The crosswalk rows that this wave has of the records. */
async function rowsOf({ ledger, scope }: Context, lane: ClaimedLane, undos: readonly DecidedUndo[]): Promise<readonly UndoneRow[]> {
  const found: UndoneRow[] = [];
  for (const some of Map.groupBy(undos, ({ record }) => JSON.stringify([record.system, record.targetObject])).values()) {
    const [first] = some;
    if (first === undefined) continue;
    const ids = some.map(({ record }) => record.targetId);
    const rows = await ledger.crosswalk.byTarget(scope, first.record.system, first.record.targetObject, ids);
    const own = Map.groupBy(
      rows.filter((row) => row.run === lane.row.run && row.wave === lane.row.wave),
      (row) => JSON.stringify([row.object, row.targetId]),
    );
    for (const undo of some)
      for (const row of own.get(JSON.stringify([undo.record.object, undo.record.targetId])) ?? []) found.push({ undo, row });
  }
  return found;
}

/** An exception for each of these records, all of one object. */
async function exceptionsOf({ ledger, scope }: Context, undos: readonly DecidedUndo[]): Promise<readonly NewException[]> {
  const keys = undos.map(({ record }) => record.sourceId);
  const accounts = await ledger.records.accountsOf(scope, undos[0]?.record.object ?? '', keys);
  return undos.map(({ record, decision }) => {
    const values = decision.theirs.length === 0 ? '' : ` Changed by somebody since: ${decision.theirs.join(', ')}.`;
    return {
      object: record.object,
      sourceId: record.sourceId,
      account: accounts.get(record.sourceId) ?? null,
      kind: decision.end === 'irreversible' ? 'remains' : 'keptByRollback',
      message: `${decision.reason}${values}`,
      candidates: [record.targetId],
    };
  });
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
