import type { SourceRow } from '../../contracts/source.ts';
import type { ArchivedCopy } from '../../ledger/trail.ts';
import { contentHash } from '../../records/canonical.ts';
import type { Context } from '../deps.ts';

/** What a copy in the archive holds, as one hash. */
export function copyHash({ account, fields }: Pick<SourceRow, 'account' | 'fields'>): string {
  return contentHash([account, fields]);
}

/** Tells those of these rows of an object, by key, that the archive holds as they are. */
export type HeldCopies = (object: string, rows: readonly SourceRow[]) => Promise<ReadonlySet<string>>;

/**
 * By the newest copy of each record that the ledger knows. `whole`: only copies count whose part the archive's own manifest has, so that another folder
 * is not taken for the one that holds what an earlier run archived.
 */
export async function heldCopies(context: Context, whole: boolean): Promise<HeldCopies> {
  const parts = whole ? new Set((await context.sys.archive.parts()).map(({ part }) => part)) : null;
  return async (object, rows) => {
    const keys = rows.map(({ key }) => key);
    const known = [...(await context.ledger.trail.archivedAmong(context.scope, object, keys))];
    const copies = new Map(
      await withHashes(
        context,
        object,
        known.filter(([, { part }]) => parts?.has(part) ?? true),
      ),
    );
    return new Set(rows.filter((row) => copies.get(row.key) === copyHash(row)).map(({ key }) => key));
  };
}

/** The hash of each copy; where a worker of an earlier release noted none, the part itself is read, once. */
async function withHashes(
  context: Context,
  object: string,
  copies: readonly (readonly [string, ArchivedCopy])[],
): Promise<readonly (readonly [string, string])[]> {
  const untold = new Set(copies.filter(([, { hash }]) => hash === null).map(([, { part }]) => part));
  const read = new Map<string, string>();
  for (const part of untold) {
    const told = (await context.sys.archive.read(part)).map((row) => ({ key: row.key, hash: copyHash(row) }));
    await context.ledger.trail.noteHashes(context.scope, object, part, told);
    for (const { key, hash } of told) read.set(JSON.stringify([part, key]), hash);
  }
  return copies.flatMap(([key, { part, hash }]) => {
    const own = hash ?? read.get(JSON.stringify([part, key]));
    return own === undefined ? [] : [[key, own] as const];
  });
}
