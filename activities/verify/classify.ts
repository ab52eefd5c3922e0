import type { TargetRecord } from '../../contracts/adapter.ts';
import type { SourceRow } from '../../contracts/source.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk-row.ts';
import type { Context } from '../deps.ts';
import { inOrder } from '../in-order.ts';
import { heldCopies, partsHere, sameInMoney } from '../run/copies.ts';
import type { Place } from '../run/account-parts.ts';
import { switchedAccounts } from '../run/export.ts';
import { readRows } from '../run/read-rows.ts';
import type { Fate, Fates } from './fates.ts';

/** What became of one source record. */
export type Category = 'created' | 'matched' | 'archived' | Fate;

/** A source record with how it stands in the target; nothing of a record that is to be in the archive. */
export interface Classified extends SourceRow {
  readonly category: Category;
  readonly row: CrosswalkRow | null;
  readonly target: TargetRecord | null;
}

/** A record that stands in the target. */
export type InTarget = Classified & { readonly target: TargetRecord };

/** Whether a record stands in the target. */
export function isInTarget(record: Classified): record is InTarget {
  return record.target !== null;
}

/**
 * Reads an object's records from the source itself, page by page, and says of each what became of it: in the target (read there by id), an exception,
 * left there by a rule of the plan, or unexplained. `accounts` null takes everybody; with `behind` only what comes behind this place is read.
 */
export async function* classify(
  context: Context,
  object: ObjectPlan,
  accounts: readonly string[] | null,
  fates: Fates,
  behind?: Place,
): AsyncGenerator<readonly Classified[]> {
  const { writesInFlight } = context.sys.target(object.target.system).capabilities;
  const pages = readRows(context, object.source.query, object.scope === 'shared' ? null : accounts, behind);
  // What the target takes of batches at a time it takes of reads too.
  yield* inOrder(pages, writesInFlight, (rows) => classifyPage(context, object, rows, fates));
}

async function classifyPage(
  { ledger, scope, sys }: Context,
  object: ObjectPlan,
  rows: readonly SourceRow[],
  fates: Fates,
): Promise<readonly Classified[]> {
  if (rows.length === 0) return [];
  const keys = rows.map(({ key }) => key);
  const live = (await ledger.crosswalk.bySource(scope, object.name, keys)).filter(({ state }) => state === 'live');
  const crosswalk = new Map(live.map((row) => [row.sourceId, row]));
  const ids = [...new Set(live.map(({ targetId }) => targetId))];
  const found = ids.length === 0 ? [] : await sys.target(object.target.system).get(object.target.object, ids);
  const targets = new Map(found.map((record) => [record.id, record]));
  return rows.map((row): Classified => {
    const known = crosswalk.get(row.key) ?? null;
    const target = known === null ? null : (targets.get(known.targetId) ?? null);
    const there = known?.origin === 'created' ? 'created' : 'matched';
    return { ...row, row: known, target, category: target === null ? fates(object.name, row) : there };
  });
}

/**
 * The records of an object that the plan archives, read from the source itself page by page, each with what became of it: in the archive as it
 * stands, an exception (of an account that stays in legacy), left with its account, or unexplained, like an order shipped or changed behind the last delta.
 */
export async function* classifyArchived(
  context: Context,
  object: ObjectPlan,
  accounts: readonly string[] | null,
  fates: Fates,
): AsyncGenerator<readonly Classified[]> {
  const queries = context.sys.plan.archive.filter((entry) => entry.object === object.name);
  if (queries.length === 0) return;
  const parts = await partsHere(context);
  const held = heldCopies(context, parts);
  const switched = await switchedAccounts(context, accounts);
  for (const { query } of queries)
    for await (const rows of readRows(context, query, accounts)) {
      const keys = await held(object.name, rows);
      const sealed = rows.filter(({ key, account }) => !keys.has(key) && account !== null && switched.has(account));
      const joined = await sameInMoney(context, object, sealed, parts);
      yield rows.map((row) => ({
        ...row,
        row: null,
        target: null,
        category: keys.has(row.key) || joined.has(row.key) ? 'archived' : fates(object.name, row),
      }));
    }
}
