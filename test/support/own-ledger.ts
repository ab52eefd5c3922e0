import { randomUUID } from 'node:crypto';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { createLedger } from '../../scripts/dev/stack.ts';
import { sharedStack } from './arena/shared-stack.ts';

/** A ledger of a test file's own, on the PostgreSQL that all files of its worker share. */
export interface OwnLedger {
  readonly postgres: LocalPostgres;
  readonly url: string;
  /** Its address for who owns its tables. */
  readonly adminUrl: string;
  drop(): Promise<void>;
}

export async function ownLedger(): Promise<OwnLedger> {
  const { postgres } = await sharedStack();
  const name = `ledger_${randomUUID().slice(0, 8)}`;
  return {
    postgres,
    adminUrl: postgres.url(name),
    url: patient(await createLedger(postgres, name)),
    drop: () => dropDatabases(postgres, [name]),
  };
}

/** The same ledger for a test process, which may stop in the midst of a transaction for longer than a worker is allowed to. */
export function patient(url: string): string {
  const address = new URL(url);
  address.searchParams.set('idle_in_transaction_session_timeout', '120000');
  return address.href;
}

/** Drops databases, whoever is still connected to them. */
export async function dropDatabases(postgres: LocalPostgres, names: readonly string[]): Promise<void> {
  const statements = names.map((name) => `drop database if exists "${name}" with (force)`);
  await askDatabase(postgres.url('postgres'), statements).catch(() => undefined);
}
