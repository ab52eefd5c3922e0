import type { TargetRecord } from '../../contracts/adapter.ts';
import { unmetFields } from '../../domain/effects/fields.ts';
import { takenMilder } from '../../domain/rollback/decide.ts';
import { endStates } from '../../domain/rollback/images.ts';
import { isRemoval } from '../../domain/rollback/kind.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from '../effects/claimed-lane.ts';
import { perform } from '../effects/perform.ts';
import { nothing, stoppedBy, sum, type Performed } from '../effects/performed.ts';
import { capabilityOf } from '../effects/proof.ts';
import { seenOf } from '../effects/resolve.ts';
import { newEffects } from '../load/new-effect.ts';
import { settleUndos } from './settle-undo.ts';
import type { DecidedUndo, RecordEffects } from './undo-cases.ts';
import { decideUndos, decisionOn, type SeenUndo } from './undo-decisions.ts';
import { undoDraft, writesOf, type UndoWrite } from './undo-record.ts';

/**
 * Undoes records of one lane together, no two of one source record: each is seen now and decided by itself, and writes of one kind go in batches.
 * Returns the records that want more than one write, or whose write the system refused: they are undone one by one.
 */
export async function undoTogether(
  context: Context,
  lane: ClaimedLane,
  records: readonly RecordEffects[],
  inUse: ReadonlySet<string>,
): Promise<{ readonly performed: Performed; readonly left: readonly RecordEffects[] }> {
  const seen = await seenNow(context, records);
  const all = records.map((record, index) => ({ record, seen: seen[index] ?? null }));
  const written = all.flatMap((one) => alreadyWritten(context, one, inUse) ?? []);
  const stopped = await settleUndos(context, lane, written);
  if (stopped !== null) return { performed: stoppedBy(nothing, stopped), left: [] };
  const settled = new Set(written.map(({ record }) => record));
  const undecided = all.filter(({ record }) => !settled.has(record));
  const decided = (await decideUndos(context, undecided, { inUse })).map(withWrites);
  const unwritten = decided.filter(({ writes }) => writes.length === 0);
  const taken = await settleUndos(context, lane, unwritten);
  if (taken !== null) return { performed: stoppedBy(nothing, taken), left: [] };
  const { performed, refused } = await writeTogether(context, lane, decided.filter(isOneWrite));
  return { performed, left: [...decided.filter(({ writes }) => writes.length > 1), ...refused].map(({ record }) => record) };
}

/** A decision with the writes that carry it out. */
interface Written extends DecidedUndo {
  readonly writes: readonly UndoWrite[];
}

/** A decision that one write carries out. */
interface OneWrite extends Written {
  readonly seen: TargetRecord;
  readonly writes: readonly [UndoWrite];
}

function withWrites(undo: DecidedUndo): Written {
  return { ...undo, writes: writesOf(undo.seen === null ? null : seenOf(undo.seen), undo.decision) };
}

function isOneWrite(one: Written): one is OneWrite {
  return one.seen !== null && one.writes.length === 1;
}

/**
 * What was decided about a record whose undo was written by a call that nobody lived to settle, by what the record was then: what it shows now is
 * our own doing, and no change of anybody. Null where there is no such write, or the record does not show it.
 */
function alreadyWritten(context: Context, { record, seen }: SeenUndo, inUse: ReadonlySet<string>): DecidedUndo | null {
  const [undo, ...more] = record.undos;
  if (undo?.before == null || more.length > 0 || seen === null || undo.operation === 'delete') return null;
  const { decimals } = capabilityOf(context.sys.target(record.system).capabilities.objects, record.targetObject);
  const shows =
    unmetFields(undo.fields, seen.fields, { decimals }).length === 0 && (endStates[undo.operation] ?? seen.state) === seen.state;
  const decision = decisionOn(context, record, undo.before, { inUse });
  const [write, ...further] = writesOf(undo.before, decision);
  if (!shows || write === undefined || further.length > 0) return null;
  const { operation } = undo;
  return { record, seen, decision: isRemoval(operation) && operation !== write.operation ? takenMilder(decision, operation) : decision };
}

/** Writes one write for each record in batches, and settles what was applied. Returns also those that the system refused. */
async function writeTogether(
  context: Context,
  lane: ClaimedLane,
  undos: readonly OneWrite[],
): Promise<{ readonly performed: Performed; readonly refused: readonly OneWrite[] }> {
  const effects = await newEffects(
    lane,
    undos.map(({ record, seen, writes: [write] }) => undoDraft(record, seen, write)),
  );
  const rows = effects.map((effect, index) => ({ effect, stamp: undos[index]?.seen.stamp ?? null }));
  let performed = nothing;
  for (const some of Map.groupBy(rows, ({ effect }) => JSON.stringify([effect.system, effect.targetObject])).values()) {
    const [first] = some;
    if (first === undefined || performed.stopped !== null) break;
    performed = sum(performed, await perform(lane, first.effect.system, first.effect.targetObject, some));
  }
  const applied = new Set(performed.applied);
  const refused = new Set(performed.refused.map(({ effect }) => effect.id));
  const among = (ids: ReadonlySet<string>): readonly OneWrite[] => undos.filter((_, index) => ids.has(effects[index]?.id ?? ''));
  const stopped = await settleUndos(context, lane, among(applied));
  return { performed: { ...stoppedBy(performed, performed.stopped ?? stopped), refused: [] }, refused: among(refused) };
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
