import type { Context } from '../deps.ts';
import { stayingNewcomers } from '../accounts/newcomers.ts';
import { accountsInException } from '../accounts/staying.ts';

/** What became of a record that stands neither in the target nor in the archive. */
export type Fate = 'exceptions' | 'left' | 'unexplained';

/** Tells the fate of a record by its object, key and account. */
export type Fates = (object: string, row: { readonly key: string; readonly account: string | null }) => Fate;

/** Reads what stands against these accounts and their records, or (null) against all of the run: once for everything that is looked at now. */
export async function fatesOf(context: Context, accounts: readonly string[] | null): Promise<Fates> {
  const [blocked, stays, rows] = await Promise.all([
    accountsInException(context, accounts),
    stayingNewcomers(context),
    context.ledger.exceptions.recordsOpen(context.ref.run, accounts),
  ]);
  const open = new Set(rows.map(({ object, sourceId }) => JSON.stringify([object, sourceId])));
  return (object, { key, account }) => {
    if (open.has(JSON.stringify([object, key])) || (account !== null && blocked.has(account))) return 'exceptions';
    return account !== null && stays(account) ? 'left' : 'unexplained';
  };
}
