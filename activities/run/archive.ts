import type { SourceRow } from '../../contracts/source.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Staging } from '../../ledger/stagings.ts';
import { lineCount } from '../../records/lines.ts';
import { contentHash } from '../../records/canonical.ts';
import { sourceAmounts, sumAmounts } from '../../records/amounts.ts';
import type { Context } from '../deps.ts';
import { objectOf } from '../load/references.ts';
import { copyHash, heldCopies, partsHere } from './copies.ts';
import { readRows } from './read-rows.ts';

/**
 * Puts into the write-once archive whatever the archive queries yield and it does not hold as it stands: the full archive at the final export, an
 * addendum afterwards. A record that changed since it was archived gets a further copy, and the newest counts. A part's name says what it holds, so
 * that one that was put and not noted before a death is met again or left behind, and never stands in the way of another. Returns the number of
 * copies added.
 */
export async function archiveRows(context: Context, staging: Staging, accounts: readonly string[] | null): Promise<number> {
  let added = 0;
  const held = heldCopies(context, await partsHere(context));
  for (const { object, query } of context.sys.plan.archive) {
    for await (const rows of readRows(context, query, accounts)) {
      const keys = await held(object, rows);
      const fresh = rows.filter((row) => !keys.has(row.key));
      if (fresh.length === 0) continue;
      const name = `${object}-${contentHash(fresh.map(({ key, account, fields }) => [key, account, fields])).slice(0, 16)}`;
      await putPart(context, staging, objectOf(context, object), name, fresh);
      added += fresh.length;
    }
  }
  return added;
}

async function putPart(context: Context, staging: Staging, object: ObjectPlan, name: string, rows: readonly SourceRow[]): Promise<void> {
  const { rounding } = context.sys.source.capabilities;
  await context.sys.archive.put(name, rows);
  const { sha256 } = await context.sys.archive.verify(name);
  const money = sumAmounts(rows.map((row) => sourceAmounts(object, row.fields, rounding)));
  const part = {
    object: object.name,
    part: name,
    rows: rows.length,
    lines: rows.reduce((count, row) => count + lineCount(object, row.fields), 0),
    sha256,
    money,
    copies: rows.map((row) => ({ key: row.key, hash: copyHash(row) })),
  };
  await context.ledger.trail.archive(context.scope, context.ref.run, part, staging);
}
