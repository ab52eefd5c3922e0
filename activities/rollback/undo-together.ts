import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { perform } from '../effects/perform.ts';
import { nothing, sum, type Performed } from '../effects/performed.ts';
import { newEffects } from '../load/new-effect.ts';
import { settleUndos } from './settle-undo.ts';
import type { DecidedUndo, RecordEffects } from './undo-cases.ts';
import { decisionOn, undoDraft, writesOf, type UndoWrite } from './undo-record.ts';

/** A decision that one write carries out. */
interface OneWrite extends DecidedUndo {
  readonly seen: TargetRecord;
  readonly write: UndoWrite;
}

/**
 * Undoes records of one lane together: each is seen now and decided by itself, and writes of one kind go in batches. Returns the records that want
 * more than one write, or whose write the system refused: they are undone one by one.
 */
export async function undoTogether(
  context: Context,
  lane: ClaimedLane,
  records: readonly RecordEffects[],
  inUse: ReadonlySet<string>,
): Promise<{ readonly performed: Performed; readonly left: readonly RecordEffects[] }> {
  const seen = await seenNow(context, records);
  const decided = records.map((record, index): DecidedUndo => {
    const now = seen[index] ?? null;
    return { record, seen: now, decision: decisionOn(context, record, now, inUse) };
  });
  const still = decided.filter((one) => writesOf(one.seen, one.decision).length === 0);
  const single = decided.flatMap((one): OneWrite[] => {
    const [write, ...more] = writesOf(one.seen, one.decision);
    return one.seen === null || write === undefined || more.length > 0 ? [] : [{ ...one, seen: one.seen, write }];
  });
  await settleUndos(context, lane, still);
  const effects = await newEffects(
    lane,
    single.map(({ record, seen: now, write }) => undoDraft(record, now, write)),
  );
  const rows = effects.map((effect, index) => ({ effect, stamp: single[index]?.seen.stamp ?? null }));
  let performed = nothing;
  for (const some of Map.groupBy(rows, ({ effect }) => JSON.stringify([effect.system, effect.targetObject])).values()) {
    const [first] = some;
    if (first === undefined || performed.stopped !== null) break;
    performed = sum(performed, await perform(lane, first.effect.system, first.effect.targetObject, some));
  }
  const applied = new Set(performed.applied);
  const refused = new Set(performed.refused.map(({ effect }) => effect.id));
  await settleUndos(
    context,
    lane,
    single.filter((_, index) => applied.has(effects[index]?.id ?? '')),
  );
  const again = single.filter((_, index) => refused.has(effects[index]?.id ?? '')).map(({ record }) => record);
  const several = decided.filter((one) => writesOf(one.seen, one.decision).length > 1).map(({ record }) => record);
  return { performed: { ...performed, refused: [] }, left: [...several, ...again] };
}

/** The records as the target shows them now, at their places; null where they are gone. */
async function seenNow(context: Context, records: readonly RecordEffects[]): Promise<readonly (TargetRecord | null)[]> {
  const found = new Map<string, TargetRecord>();
  for (const some of Map.groupBy(records, ({ system, targetObject }) => JSON.stringify([system, targetObject])).values()) {
    const [first] = some;
    if (first === undefined) continue;
    const ids = some.map(({ targetId }) => targetId);
    for (const record of await context.sys.target(first.system).get(first.targetObject, ids)) found.set(placeOf(first, record.id), record);
  }
  return records.map((record) => found.get(placeOf(record, record.targetId)) ?? null);
}

function placeOf({ system, targetObject }: Pick<RecordEffects, 'system' | 'targetObject'>, id: string): string {
  return JSON.stringify([system, targetObject, id]);
}
