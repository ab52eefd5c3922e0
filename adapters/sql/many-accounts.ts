import type { SourceQuery } from '../../domain/plan/systems.ts';
import type { IdentityKind } from './columns.ts';
import type { Run } from './database.ts';
import { inWrittenForm } from './identity.ts';

/** Fewer accounts than this go with every page, however few rows there are. */
const fewAccounts = 1_000;
/** A row that is read in vain costs about as much as so many accounts that are sent with a page. */
const accountsForRow = 10;

/** What was found for a sweep: its pages ask with one and the same list of accounts. */
const known = new WeakMap<readonly string[], Map<string, ReadonlySet<string> | null>>();

/**
 * The written forms of the accounts of a sweep, where it costs less to read the rows of everybody and to look at the account of each than to send all
 * of these accounts with each page of `limit` rows; null where they are to be sent. Without it the cost of a sweep would grow with the square of its accounts.
 */
export async function manyAccounts(
  run: Run,
  kind: IdentityKind,
  query: SourceQuery,
  accounts: readonly string[],
  limit: number,
): Promise<ReadonlySet<string> | null> {
  if (accounts.length < fewAccounts) return null;
  const found = known.get(accounts) ?? new Map<string, ReadonlySet<string> | null>();
  known.set(accounts, found);
  const place = JSON.stringify([kind, query.sql]);
  const before = found.get(place);
  if (before !== undefined) return before;
  const [counted] = await run<{ readonly rows: string }>(`select count(*)::text as rows from (${query.sql}) q`);
  const costsLess = (accounts.length / limit) * accounts.length >= accountsForRow * Number(counted?.rows ?? 0);
  const written = costsLess ? new Set(await inWrittenForm(run, kind, accounts)) : null;
  found.set(place, written);
  return written;
}
