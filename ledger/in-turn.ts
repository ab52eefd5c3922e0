import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';

/**
 * A transaction that nobody runs beside another of the same name: what it reads first is what stands when it writes. For what is no decision, and so needs
 * no lock of the run.
 */
export async function inTurn<T>(db: Database, name: readonly string[], work: (tx: Transaction<unknown>) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await waitTurn(tx, name);
    return work(tx);
  });
}

/** The same within a transaction, until its end. */
export async function waitTurn(tx: Transaction<unknown>, name: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(name)}, 0))`.execute(tx);
}
