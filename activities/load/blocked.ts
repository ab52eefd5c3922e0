import type { Context } from '../deps.ts';
import type { BlockedAccounts } from './desired.ts';

/** Exceptions that keep an account in legacy: nobody can tell which record it is. */
const blockingKinds = ['twoMatches', 'noMatch'];

/** Accounts with an ambiguous customer or CRM account: they do not switch, and none of their records is loaded. */
export async function blockedAccounts(context: Context): Promise<BlockedAccounts> {
  const open = await context.ledger.exceptions.openOf(context.ref.run);
  const rows = open.filter((row) => row.account !== null && blockingKinds.includes(row.kind));
  return new Map(rows.map((row) => [row.account ?? '', `${row.object} ${row.sourceId} is ambiguous`]));
}
