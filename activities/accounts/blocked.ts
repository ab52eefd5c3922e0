import { blockingReason } from '../../domain/exceptions/blocking.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { Context } from '../deps.ts';
import type { BlockedAccounts } from '../load/desired.ts';

/**
 * Accounts whose customer or CRM account nobody can tell: they do not switch, and none of their records is loaded. Among these accounts, or (null) among
 * all.
 */
export async function blockedAccounts({ ledger, ref }: Context, accounts: readonly string[] | null): Promise<BlockedAccounts> {
  const open = await ledger.exceptions.ofAccounts(ref.run, accounts, kindsThat('blocksAccount'));
  return new Map(open.map((row) => [row.account, blockingReason(row)]));
}
