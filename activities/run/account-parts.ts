import type { SourcePort, SourceRow } from '../../contracts/source.ts';
import { contentHash } from '../../records/canonical.ts';
import type { Mark } from '../../ledger/places.ts';

/**
 * Accounts of one part, at most about. Every page of a reading carries the accounts it is of, so that without parts a reading would cost the square of
 * their number. For each part the source may have to look through its whole table, and a row may be given from one part to another while they are read:
 * so parts are few, and a wave of usual size has one.
 */
export const accountsOfPart = 5_000;

/** A place in a reading, behind which it goes on: the part of the accounts, out of how many, and the last key that was read of it (null: none). */
export interface Place {
  readonly part: number;
  readonly parts: number;
  readonly key: string | null;
}

/** Where the reading of these accounts, or (null) of everybody, begins. */
export function beginning(accounts: readonly string[] | null): Place {
  return { part: 0, parts: Math.max(1, Math.ceil((accounts?.length ?? 0) / accountsOfPart)), key: null };
}

/** The place of a row in a reading of so many parts. */
export function placeOfRow({ key, account }: Pick<SourceRow, 'key' | 'account'>, { parts }: Place): Place {
  return { part: partOf(account ?? '', parts), parts, key };
}

/** A place as it is noted for a later try. */
export function markOfPlace({ part, parts, key }: Place): Mark {
  return { part: String(part), parts: String(parts), key: key ?? '' };
}

/** The place in a mark. */
export function placeOfMark(mark: Mark): Place {
  return { part: Number(mark['part']), parts: Number(mark['parts']), key: mark['key'] ?? null };
}

/**
 * Accounts cut into as many parts as the place tells, each account in the same part whatever the others are: one that comes or goes between two tries
 * moves no other. Where there is more than one part, each account is asked for in its written form: two spellings of one must not be in two parts.
 */
export async function partsOfAccounts(source: SourcePort, accounts: readonly string[], { parts }: Place): Promise<readonly string[][]> {
  if (parts === 1) return [[...accounts]];
  const cut = Array.from({ length: parts }, (): string[] => []);
  for (const account of await source.written(accounts)) cut[partOf(account, parts)]?.push(account);
  return cut;
}

/** Any even spread would do; this one is the same in every process. */
function partOf(account: string, parts: number): number {
  return parts === 1 ? 0 : Number.parseInt(contentHash(account).slice(0, 8), 16) % parts;
}
