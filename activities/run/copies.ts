import type { SourceRow } from '../../contracts/source.ts';
import type { ArchivedCopy } from '../../ledger/trail.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { sourceAmounts } from '../../records/amounts.ts';
import { contentHash } from '../../records/canonical.ts';
import type { Context } from '../deps.ts';

/** What a copy in the archive holds, as one hash. */
export function copyHash({ account, fields }: Pick<SourceRow, 'account' | 'fields'>): string {
  return contentHash([account, fields]);
}

/** Tells those of these rows of an object, by key, that the archive holds as they are. */
export type HeldCopies = (object: string, rows: readonly SourceRow[]) => Promise<ReadonlySet<string>>;

/**
 * By the newest copy of each record that the ledger knows. Only copies in these `parts` of the archive count, so that another folder is not taken for
 * the one that holds what an earlier run archived.
 */
export function heldCopies(context: Context, parts: ReadonlySet<string>): HeldCopies {
  return async (object, rows) => {
    const copies = new Map(await withHashes(context, object, await newestOf(context, object, rows, parts)));
    return new Set(rows.filter((row) => copies.get(row.key) === copyHash(row)).map(({ key }) => key));
  };
}

/** The parts that the folder at hand holds, by its own manifest. */
export function partsHere(context: Context): Promise<ReadonlySet<string>> {
  return context.sys.archive.names();
}

/** The newest copies that the ledger knows of these rows, by key, where they are in one of these parts. */
async function newestOf(
  context: Context,
  object: string,
  rows: readonly SourceRow[],
  parts: ReadonlySet<string>,
): Promise<readonly (readonly [string, ArchivedCopy])[]> {
  const keys = rows.map(({ key }) => key);
  const newest = await context.ledger.trail.archivedAmong(context.scope, object, keys);
  return [...newest].filter(([, { part }]) => parts.has(part));
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

/**
 * Keys of those of these rows whose newest copy in these `parts` is of the same account and the same amounts. Asked of rows of sealed accounts alone, that
 * the archive does not hold as they are: nobody can have changed them, only what their query joins from tables that all share, such as a product's name.
 */
export async function sameInMoney(
  context: Context,
  object: ObjectPlan,
  rows: readonly SourceRow[],
  parts: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return new Set();
  const newest = new Map(await newestOf(context, object.name, rows, parts));
  const amounts = ({ account, fields }: Pick<SourceRow, 'account' | 'fields'>): string =>
    contentHash([account, sourceAmounts(object, fields, context.sys.source.capabilities.rounding)]);
  const held = new Map<string, string>();
  for (const part of new Set([...newest.values()].map((copy) => copy.part)))
    for (const row of await context.sys.archive.read(part)) if (newest.get(row.key)?.part === part) held.set(row.key, amounts(row));
  return new Set(rows.filter((row) => held.get(row.key) === amounts(row)).map(({ key }) => key));
}
