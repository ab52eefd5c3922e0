import type { WaveRef } from '../../contracts/messages.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import { contextOf, type Deps } from '../deps.ts';
import { blockedAccounts } from '../accounts/blocked.ts';
import { desiredOf, requiredFields } from './desired.ts';
import { undoOrder } from '../../domain/rollback/order.ts';
import { objectOf, resolverFor } from './references.ts';

/** Records of one lane at most; a lane is the unit that is fenced, resumed and shown. */
const laneSize = 1_000;

/**
 * Cuts the records of an object that are not yet as their source says, or whose last load left an exception, into lanes; none for an object that is
 * up to date.
 */
export function planLoad(deps: Deps) {
  return async (ref: WaveRef, name: string): Promise<readonly number[]> => {
    const context = await contextOf(deps, ref);
    const object = objectOf(context, name);
    const [records, rows, resolve, blocked, required, open] = await Promise.all([
      deps.ledger.records.latest(context.scope, ref.wave, name),
      deps.ledger.crosswalk.ofObject(context.scope, name),
      resolverFor(context, object),
      blockedAccounts(context),
      requiredFields(context, object),
      deps.ledger.exceptions.openOf(ref.run, ref.wave),
    ]);
    const bySource = new Map(rows.map((row) => [row.sourceId, row]));
    const cured = kindsThat('curedByLoad');
    const failed = new Set(open.filter((row) => row.object === name && cured.includes(row.kind)).map((row) => row.sourceId));
    const due = records.filter((record) => {
      const row = bySource.get(record.sourceId);
      if (record.disposition === 'gone') return false;
      if (row === undefined) return true;
      if (object.mode !== 'move') return false;
      return (
        failed.has(record.sourceId) ||
        row.state !== 'live' ||
        row.contentHash !== desiredOf(object, record, { resolve, blocked, required }).hash
      );
    });
    return deps.ledger.lanes.plan(
      { run: ref.run, wave: ref.wave, attempt: ref.attempt, kind: 'load', object: name },
      due.map((record) => record.sourceId),
      laneSize,
    );
  };
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
    for (const { object } of undoOrder(
      names,
      names.map((name) => ({ object: name })),
    )) {
      const standing = new Set((await deps.ledger.crosswalk.ofObject(context.scope, object)).map((row) => row.sourceId));
      const gone = (await deps.ledger.records.latest(context.scope, ref.wave, object)).filter(
        (record) => record.disposition === 'gone' && standing.has(record.sourceId),
      );
      lanes.push(
        ...(await deps.ledger.lanes.plan(
          { run: ref.run, wave: ref.wave, attempt: ref.attempt, kind: 'load', object },
          gone.map((record) => record.sourceId),
          laneSize,
        )),
      );
    }
    return lanes;
  };
}
