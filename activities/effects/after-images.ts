import type { TargetRecord } from '../../contracts/adapter.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { asWeLeftIt, doubtfulNames, type ReadBack } from '../../domain/rollback/read-back.ts';
import type { UnreadEffect } from '../../ledger/effects.ts';
import type { NewEffect } from '../../ledger/effect-row.ts';
import type { Context } from '../deps.ts';
import type { ClaimedLane } from './claimed-lane.ts';
import type { Intended } from './intended.ts';
import { touchedSince } from './others-since.ts';
import { capabilityOf } from './proof.ts';
import { seenOf } from './resolve.ts';

/** Records whose images are stored together. */
const pageSize = 500;

/** What a write sent, and the record before it. */
type Sent = Pick<NewEffect, 'operation' | 'fields' | 'before'>;

/** What a lane wrote, and what was read of it since. */
export interface Written {
  readonly rows: readonly Intended[];
  readonly read: readonly TargetRecord[];
}

/**
 * Stores of every record that the lane wrote, or that one called no more left unread, how we left it, once, at the lane's end: our after-image. That is
 * the record as it is read back, but what somebody else changed in between is as we sent or found it. Records that are not among those read are read
 * here.
 */
export async function readAfterImages(context: Context, lane: ClaimedLane, object: ObjectPlan, written: Written): Promise<void> {
  const effects = await context.ledger.effects.unread(lane.row.id, lane.row.keys);
  const sent = await sentBy(context, effects, written.rows);
  const port = context.sys.target(object.target.system);
  const known = new Map(written.read.map((record) => [record.id, record]));
  for (let start = 0; start < effects.length; start += pageSize) {
    const some = effects.slice(start, start + pageSize);
    const missing = some.flatMap(({ targetId }) => (known.has(targetId) ? [] : [targetId]));
    const found = missing.length === 0 ? [] : await port.get(object.target.object, missing);
    const records = new Map(found.map((record) => [record.id, record]));
    await store(
      context,
      object,
      some.flatMap((effect) => {
        const [own, record] = [sent.get(effect.id), known.get(effect.targetId) ?? records.get(effect.targetId)];
        return own === undefined || record === undefined ? [] : [{ effect, write: { ...own, read: seenOf(record) } }];
      }),
    );
  }
}

/** What these effects sent: of those of an earlier claim, or of another lane, the ledger knows it. */
async function sentBy(
  { ledger }: Context,
  effects: readonly UnreadEffect[],
  rows: readonly Intended[],
): Promise<ReadonlyMap<string, Sent>> {
  const sent = new Map<string, Sent>(rows.map(({ effect }) => [effect.id, effect]));
  const lanes = new Set(effects.filter(({ id }) => !sent.has(id)).map(({ lane }) => lane));
  for (const lane of lanes) for (const effect of await ledger.effects.ofLane(lane)) sent.set(effect.id, effect);
  return sent;
}

/** Only where a record is not as our write leaves it by itself, the target is asked who worked on it since: most lanes never ask. */
async function store(
  context: Context,
  object: ObjectPlan,
  backs: readonly { readonly effect: UnreadEffect; readonly write: ReadBack }[],
): Promise<void> {
  const nature = capabilityOf(context.sys.target(object.target.system).capabilities.objects, object.target.object);
  const named = backs.map((back) => ({ ...back, names: doubtfulNames(back.write, nature) }));
  const doubtful = named.filter(({ names }) => names.length > 0).map(({ effect }) => effect);
  const touched = await touchedSince(context, object, doubtful);
  await context.ledger.effects.setAfter(
    named.map(({ effect: { id, targetId }, write, names }) => ({
      id,
      after: touched.has(targetId) ? asWeLeftIt(write, names, nature) : write.read,
    })),
  );
}
