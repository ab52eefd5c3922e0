import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { Context } from '../deps.ts';
import type { BlockedAccounts } from '../load/desired.ts';

/** Accounts with an ambiguous customer or CRM account: they do not switch, and none of their records is loaded. */
export async function blockedAccounts(context: Context): Promise<BlockedAccounts> {
  const blocking = kindsThat('blocksAccount');
  const open = await context.ledger.exceptions.openOf(context.ref.run);
  const rows = open.filter((row) => row.account !== null && blocking.includes(row.kind));
  return new Map(rows.map((row) => [row.account ?? '', `${row.object} ${row.sourceId} is ambiguous`]));
}
