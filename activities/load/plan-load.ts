import type { WaveRef } from '../../contracts/messages.ts';
import { contextOf, type Deps } from '../deps.ts';
import { blockedAccounts } from './blocked.ts';
import { desiredOf } from './desired.ts';
import { objectOf, resolverFor } from './references.ts';

/** Records of one lane at most; a lane is the unit that is fenced, resumed and shown. */
const laneSize = 1_000;

/** Cuts the records of an object that are not yet as their source says into lanes; none for an object that is up to date. */
export function planLoad(deps: Deps) {
  return async (ref: WaveRef, name: string): Promise<readonly number[]> => {
    const context = await contextOf(deps, ref);
    const object = objectOf(context, name);
    const [records, rows, resolve, blocked] = await Promise.all([
      deps.ledger.records.latest(context.scope, ref.wave, name),
      deps.ledger.crosswalk.ofObject(context.scope, name),
      resolverFor(context, object),
      blockedAccounts(context),
    ]);
    const bySource = new Map(rows.map((row) => [row.sourceId, row]));
    const due = records.filter((record) => {
      const row = bySource.get(record.sourceId);
      if (record.disposition === 'gone') return row !== undefined;
      if (row === undefined) return true;
      return object.mode === 'move' && (row.state !== 'live' || row.contentHash !== desiredOf(object, record, resolve, blocked).hash);
    });
    return deps.ledger.lanes.plan(
      { run: ref.run, wave: ref.wave, attempt: ref.attempt, kind: 'load', object: name },
      due.map((record) => record.sourceId),
      laneSize,
    );
  };
}
