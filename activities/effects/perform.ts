import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import { inFlight, inParts } from '../in-flight.ts';
import { nextTurn } from '../in-turns.ts';
import { AdapterError, blamelessKinds } from '../../contracts/failures.ts';
import type { NewEffect } from '../../ledger/effect-row.ts';
import { complete, notAnswered } from './answers.ts';
import type { Intended } from './intended.ts';
import type { ClaimedLane } from './claimed-lane.ts';
import { Deadline } from './deadline.ts';
import { nothing, stoppedBy, sum, type Performed } from './performed.ts';
import { capabilityOf } from './proof.ts';

const defaultRetryMs = 500;

/**
 * Performs effects on one object of one system: intent, call, receipt (P2), in batches the system can take, rows of one operation together; as many
 * batches at a time as it takes from one lane. An atomic batch that was refused for one of its rows is cut in two until the row stands alone. Nothing
 * begins after a batch found the lane stopped, or failed; what was under way is awaited, so that no call outlives its lane.
 */
export async function perform(lane: ClaimedLane, system: string, targetObject: string, rows: readonly Intended[]): Promise<Performed> {
  const { capabilities } = lane.context.sys.target(system);
  const { paces } = capabilityOf(capabilities.objects, targetObject);
  let total = nothing;
  for (const [operation, some] of Map.groupBy(rows, ({ effect }) => effect.operation)) {
    const { batchSize, writesInFlight, bulk } = paces[operation] ?? capabilities;
    const many = bulk !== undefined && some.length >= bulk.from ? bulk : null;
    const way: Way = { system, targetObject, timeoutMs: lane.context.sys.env.timings.callTimeout * (many?.timeouts ?? 1) };
    let done = 0;
    await inFlight(inParts(some, many?.batchSize ?? batchSize), many === null ? writesInFlight : 1, async (batch) => {
      const performed = await performBatch(lane, way, batch);
      total = sum(total, performed);
      lane.progress((done += batch.length));
      return total.stopped === null ? 'on' : 'stop';
    });
    if (total.stopped !== null) break;
  }
  return total;
}

/** Where a batch goes, and how long its call may take (ms). */
interface Way {
  readonly system: string;
  readonly targetObject: string;
  readonly timeoutMs: number;
}

async function performBatch(lane: ClaimedLane, way: Way, rows: readonly Intended[]): Promise<Performed> {
  const { system, targetObject, timeoutMs } = way;
  const { ledger, sys } = lane.context;
  const session = await lane.session(system);
  await sys.ready?.(system);
  await nextTurn();
  lane.context.point('beforeIntent');
  const deadline = new Deadline(timeoutMs);
  const intent = await ledger.calls.intend(
    lane.token,
    rows.map(({ effect }) => effect),
    timeoutMs,
  );
  if (typeof intent === 'string') return stoppedBy(nothing, intent);
  lane.context.point('afterIntent');
  await nextTurn();
  const calls = new Map(intent.opened.map(({ id, n }) => [id, n]));
  const taken = rows.flatMap(({ effect }) => intent.taken.filter(({ id }) => id === effect.id).map(({ owner }) => ({ effect, owner })));
  const sent = rows.filter(({ effect }) => calls.has(effect.id));
  // They are asked again with the lane: by then the call that is open on their records may be settled.
  const before = { ...nothing, taken, again: intent.barred.length, retryMs: intent.barred.length === 0 ? 0 : defaultRetryMs };
  if (sent.length === 0) return before;
  const write = sent.map(({ effect, stamp }): WriteRow => ({
    effectId: effect.id,
    operation: effect.operation,
    id: effect.targetId,
    fields: effect.fields,
    stamp,
  }));
  const beforeSend = (): void => {
    deadline.check();
    lane.context.point('beforeSend');
  };
  const outcomes = complete(
    sent,
    await session
      .write(targetObject, write, {
        signal: deadline.signal,
        beforeSend,
        assigns: lane.row.kind === 'probe',
        remember: (handle) => remembered(lane, system, handle),
      })
      .catch((error: unknown) => notAnswered(sent, error)),
  );
  lane.context.point('afterCall');
  await nextTurn();
  const atomic = sys.target(system).capabilities.atomicBatch && sent.length > 1;
  const bisect = atomic && outcomes.every((row) => row.outcome === 'rejected' && !blamelessKinds.includes(row.kind));
  await ledger.calls.receive(
    lane.token,
    outcomes.map((row) => ({ n: calls.get(row.effectId) ?? 0, row })),
    bisect,
  );
  lane.context.point('afterReceipt');
  if (!bisect) return sum(before, tally(sent, outcomes));
  const half = Math.ceil(sent.length / 2);
  const first = await performBatch(lane, way, sent.slice(0, half));
  const found = sum(before, first);
  return found.stopped !== null ? found : sum(found, await performBatch(lane, way, sent.slice(half)));
}

/** Keeps the handle of work that a system goes on with by itself where whoever takes the lane over finds it; refuses it to whoever has lost the lane. */
async function remembered({ context, token }: ClaimedLane, system: string, handle: string): Promise<void> {
  const unsent = (why: string, cause?: unknown): AdapterError =>
    new AdapterError('unavailable', `${system}: ${why} before the work had begun; nothing was sent`, { system, operation: 'begin', cause });
  const isOurs = await context.ledger.lanes.remember(token, system, handle).catch((cause: unknown) => {
    throw unsent('the ledger could not be told', cause);
  });
  if (!isOurs) throw unsent('the lane was taken over');
}

function tally(sent: readonly Intended[], outcomes: readonly RowOutcome[]): Performed {
  const refused: { effect: NewEffect; message: string }[] = [];
  const applied: string[] = [];
  let [again, unknown, retryMs] = [0, 0, 0];
  for (const [index, row] of outcomes.entries()) {
    const effect = sent[index]?.effect;
    if (!effect) continue;
    if (row.outcome === 'unknown') unknown += 1;
    else if (row.outcome !== 'rejected') applied.push(effect.id);
    else if (blamelessKinds.includes(row.kind)) {
      again += 1;
      retryMs = Math.max(retryMs, row.retryAfterMs ?? defaultRetryMs);
    } else refused.push({ effect, message: row.message });
  }
  return { ...nothing, applied, again, unknown, refused, retryMs };
}
