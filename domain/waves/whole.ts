import { recordText } from '../exceptions/key-text.ts';

/** What one record says about the switch of its account (law 19: an account switches whole or stays whole). */
export interface AccountRecord {
  readonly account: string;
  readonly object: string;
  readonly sourceId: string;
  /** What keeps it from standing in the target as the source has it; null where nothing does. */
  readonly fault: string | null;
}

/** Accounts that stay in legacy, each with its reason: those with an ambiguous record, and those of which a record that must switch does not stand. */
export function stayingAccounts(blocked: ReadonlyMap<string, string>, records: readonly AccountRecord[]): ReadonlyMap<string, string> {
  const staying = new Map(blocked);
  for (const { account, object, sourceId, fault } of records)
    if (fault !== null && !staying.has(account)) staying.set(account, `${recordText({ object, sourceId })} ${fault}`);
  return staying;
}
