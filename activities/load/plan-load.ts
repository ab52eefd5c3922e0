import type { WaveRef } from '../../contracts/messages.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { NewLane } from '../../ledger/lanes.ts';
import type { RecordHead } from '../../ledger/records.ts';
import { accountsOf } from '../accounts/of-wave.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { progress } from '../pulse.ts';
import { capabilityOf } from '../effects/proof.ts';
import { mapRecords } from './load-lane.ts';
import { undoOrder } from '../../domain/rollback/order.ts';
import { goneAmong } from './gone.ts';
import { objectOf, resolverFor } from './references.ts';

/** Records of one lane at most, but for bulk writes; a lane is the unit that is fenced, resumed and shown. */
const laneSize = 1_000;

/**
 * Cuts the records of an object that are not yet as their source says, whose last load left an exception or an open call, or that an earlier run has left in the
 * target, into lanes, and shared ones that people removed from the target; none for an object that is up to date.
 */
export function planLoad(deps: Deps) {
  return async (ref: WaveRef, name: string): Promise<readonly number[]> => {
    const context = await contextOf(deps, ref);
    const object = objectOf(context, name);
    const readAt = await deps.ledger.clocks.now();
    const open = await deps.ledger.exceptions.openOf(ref.run, ref.wave, kindsThat('curedByLoad'));
    const failed = new Set([
      ...open.filter((row) => row.object === name).map((row) => row.sourceId),
      ...(await deps.ledger.calls.leftOpen(ref.run, ref.wave, name)),
    ]);
    const due: string[] = [];
    let unknown = 0;
    for await (const heads of ownPages(context, ref, name, 'there')) {
      const keys = heads.map(({ sourceId }) => sourceId);
      const rows = await deps.ledger.crosswalk.bySource(context.scope, name, keys);
      const known = new Set(rows.map(({ sourceId }) => sourceId));
      const changed =
        object.mode === 'move'
          ? await changedAmong(context, object, [...known], failed)
          : new Set(rows.filter(({ state }) => state === 'kept').map(({ sourceId }) => sourceId));
      const inherited = new Set(rows.filter(({ run }) => run !== ref.run).map(({ sourceId }) => sourceId));
      const gone = new Set(object.scope === 'shared' ? (await goneAmong(context, object, rows)).map(({ sourceId }) => sourceId) : []);
      due.push(...keys.filter((key) => !known.has(key) || changed.has(key) || inherited.has(key) || gone.has(key)));
      unknown += keys.filter((key) => !known.has(key)).length;
      progress({ object: name, due: due.length });
    }
    return deps.ledger.lanes.plan(loadOf(ref, name), due, sizeOfLanes(context, object, due.length, unknown), readAt);
  };
}

/** Records of one lane: as many as the target makes in one bulk write, where most of them may be new and they are enough for one. */
function sizeOfLanes({ sys }: Context, { mode, target }: ObjectPlan, due: number, unknown: number): number {
  const { create } = capabilityOf(sys.target(target.system).capabilities.objects, target.object).paces;
  const isBulk = mode === 'move' && create?.bulk !== undefined && unknown >= create.bulk.from && 2 * unknown >= due;
  return isBulk ? create.bulk.batchSize : laneSize;
}

/**
 * Records of a wave page by page, in the order of their keys: those of accounts that an earlier run has switched, or that go with another wave by now, are
 * staged under its name too, and are none of its.
 */
async function* ownPages(
  context: Context,
  { wave }: WaveRef,
  object: string,
  which: 'there' | 'gone',
): AsyncGenerator<readonly RecordHead[]> {
  const accounts = new Set(await accountsOf(context, wave));
  for await (const heads of context.ledger.records.headPages(context.scope, wave, object, which))
    yield heads.filter(({ account }) => account === null || accounts.has(account));
}

function loadOf({ run, wave, attempt }: WaveRef, object: string): NewLane {
  return { run, wave, attempt, kind: 'load', object };
}

/** Of these records, which the crosswalk knows, those that are not as their source says now, or whose last load left something open. */
async function changedAmong(
  context: Context,
  object: ObjectPlan,
  keys: readonly string[],
  failed: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const records = await context.ledger.records.byKeys(context.scope, object.name, keys);
  const sources = records.map(({ payload }) => payload);
  const mapped = await mapRecords(context, object, records, await resolverFor(context, object, sources));
  const changed = mapped.filter(
    ({ record, desired, row }) => failed.has(record.sourceId) || row?.state !== 'live' || row.contentHash !== desired.hash,
  );
  return new Set(changed.map(({ record }) => record.sourceId));
}

/**
 * Cuts the records that vanished from the source and still stand in the target into lanes. Objects loaded last come first, so that nothing is
 * deleted while something of ours still refers to it.
 */
export function planTombstones(deps: Deps) {
  return async (ref: WaveRef): Promise<number[]> => {
    const context = await contextOf(deps, ref);
    const names = context.sys.plan.objects.map(({ name }) => name);
    const lanes: number[] = [];
    const readAt = await deps.ledger.clocks.now();
    const open = await deps.ledger.exceptions.openOf(ref.run, ref.wave, kindsThat('curedByLoad'));
    for (const { object } of undoOrder(
      names,
      names.map((name) => ({ object: name })),
    )) {
      const gone: string[] = [];
      const left = await deps.ledger.calls.leftOpen(ref.run, ref.wave, object);
      for await (const records of ownPages(context, ref, object, 'gone')) {
        const keys = records.map(({ sourceId }) => sourceId);
        const known = new Set((await deps.ledger.crosswalk.bySource(context.scope, object, keys)).map(({ sourceId }) => sourceId));
        // One that was never loaded is nowhere, but what its load left open about it is cured by its end.
        const failed = new Set([...open.filter((row) => row.object === object).map((row) => row.sourceId), ...left]);
        gone.push(...keys.filter((key) => known.has(key) || failed.has(key)));
      }
      if (gone.length > 0) lanes.push(...(await deps.ledger.lanes.plan(loadOf(ref, object), gone, laneSize, readAt)));
    }
    return lanes;
  };
}
