import type { SourceRow } from '../../contracts/source.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { lineCount } from '../../records/lines.ts';
import { contentHash } from '../../records/canonical.ts';
import { sourceAmounts, sumAmounts } from '../../records/amounts.ts';
import type { Context } from '../deps.ts';
import { objectOf } from '../load/references.ts';
import { readRows } from './stage.ts';

/**
 * Puts into the write-once archive whatever the archive queries yield and it does not hold yet: the full archive at the final export,
 * an addendum afterwards. A part's name says what it holds, so that one that was put and not noted before a death is met again or left behind,
 * and never stands in the way of another. Returns the number of records added.
 */
export async function archiveRows(context: Context, accounts: readonly string[] | null): Promise<number> {
  let added = 0;
  for (const { object, query } of context.sys.plan.archive) {
    for await (const rows of readRows(context, query, accounts)) {
      const keys = rows.map(({ key }) => key);
      const held = await context.ledger.trail.archivedAmong(context.scope, object, keys);
      const fresh = rows.filter((row) => !held.has(row.key));
      if (fresh.length === 0) continue;
      const name = `${object}-${contentHash(fresh.map(({ key, fields }) => [key, fields])).slice(0, 16)}`;
      await putPart(context, objectOf(context, object), name, fresh);
      added += fresh.length;
    }
  }
  return added;
}

async function putPart(context: Context, object: ObjectPlan, name: string, rows: readonly SourceRow[]): Promise<void> {
  const { rounding } = context.sys.source.capabilities;
  await context.sys.archive.put(name, rows);
  const { sha256 } = await context.sys.archive.verify(name);
  const money = sumAmounts(rows.map((row) => sourceAmounts(object, row.fields, rounding)));
  await context.ledger.trail.archive(context.scope, context.ref.run, {
    object: object.name,
    part: name,
    rows: rows.length,
    lines: rows.reduce((count, row) => count + lineCount(object, row.fields), 0),
    sha256,
    money,
    keys: rows.map((row) => row.key),
  });
}
