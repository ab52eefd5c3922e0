import { blockingReason } from '../../domain/exceptions/blocking.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { Context } from '../deps.ts';
import type { BlockedAccounts } from '../load/desired.ts';

/** Accounts whose customer or CRM account nobody can tell: they do not switch, and none of their records is loaded. */
export async function blockedAccounts(context: Context): Promise<BlockedAccounts> {
  const open = await context.ledger.exceptions.openOf(context.ref.run, null, kindsThat('blocksAccount'));
  return new Map(open.flatMap((row) => (row.account === null ? [] : [[row.account, blockingReason(row)] as const])));
}
