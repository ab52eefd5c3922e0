import type { SourceRow } from '../../contracts/source.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Joined } from '../../ledger/joining.ts';
import type { NewRecord, RecordHead } from '../../ledger/records.ts';
import type { Staging } from '../../ledger/stagings.ts';
import { shown } from '../../records/bare.ts';
import { contentHash } from '../../records/canonical.ts';
import type { Context } from '../deps.ts';
import { refuseEmptied } from './emptied.ts';
import { passedBy } from './passed-by.ts';
import { pageSize, readRows } from './read-rows.ts';
import { waveOf } from './waves-of-plan.ts';

/**
 * Stages one object as the source has it now: new and changed records as new revisions, vanished ones as tombstones. `accounts` limits it to these
 * accounts (null: everybody); accounts in `skip` are left alone. Rejects where so much vanished that the source is more likely being loaded anew
 * (see `refuseEmptied`), or where a key comes twice in one page. Where the accounts are read in parts, a record that is new and is given to another
 * account meanwhile may wait for the next reading. Returns how many were new, changed or gone.
 */
export async function stageObject(
  context: Context,
  staging: Staging,
  object: ObjectPlan,
  accounts: readonly string[] | null,
  skip: ReadonlySet<string>,
): Promise<number> {
  const seen = new Set<string>();
  const joined = await context.ledger.joining.of(context.ref.run);
  let changed = 0;
  const take = async (rows: readonly SourceRow[]): Promise<void> => {
    const kept = rows.filter((row) => row.account === null || !skip.has(row.account));
    refuseTwice(object, kept);
    for (const row of kept) seen.add(row.key);
    changed += await context.ledger.records.stage(
      context.scope,
      staging,
      kept.map((row) => newRecord(context, object, row, joined)),
    );
  };
  for await (const rows of readRows(context, object.source.query, accounts)) await take(rows);
  const unseen: RecordHead[] = [];
  let live = 0;
  for await (const heads of context.ledger.records.standing(context.scope, object.name, accounts)) {
    const own = heads.filter(({ account }) => !skip.has(account ?? ''));
    live += own.length;
    unseen.push(...own.filter(({ sourceId }) => !seen.has(sourceId)));
  }
  for await (const rows of passedBy(context, object.source.query, accounts, unseen)) await take(rows);
  const gone = unseen.filter(({ sourceId }) => !seen.has(sourceId));
  await refuseEmptied(context, object, { read: seen.size, live, gone });
  for (let start = 0; start < gone.length; start += pageSize) {
    const keys = gone.slice(start, start + pageSize).map(({ sourceId }) => sourceId);
    const records = await context.ledger.records.byKeys(context.scope, object.name, keys);
    changed += await context.ledger.records.stage(
      context.scope,
      staging,
      records.map((record): NewRecord => ({ ...record, disposition: 'gone' })),
    );
  }
  return changed;
}

/** A key is one record. Preflight asked all pages for this; the source may have changed since. */
function refuseTwice({ name, source: { system, query } }: ObjectPlan, rows: readonly SourceRow[]): void {
  const seen = new Set<string>();
  const twice = rows.find(({ key }) => seen.size === seen.add(key).size);
  if (twice === undefined) return;
  throw new Error(
    `${system} has more than one record of key ${shown(twice.key)} of ${name}, by query ${query}; make them one there. Where the SQL of the query is wrong, take the run back and start it with a mended plan.`,
  );
}

/** `joined` names the wave of each account that goes with another one than its own. */
function newRecord(context: Context, object: ObjectPlan, row: SourceRow, joined: ReadonlyMap<string, Joined>): NewRecord {
  const account = object.scope === 'shared' ? null : row.account;
  return {
    object: object.name,
    sourceId: row.key,
    account,
    wave: joined.get(account ?? '')?.wave ?? waveOf(context.sys.plan, account),
    hash: contentHash(row.fields),
    payload: row.fields,
    disposition: object.mode,
  };
}
