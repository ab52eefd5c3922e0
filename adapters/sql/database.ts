import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import type { Connection } from '../../contracts/connection.ts';
import { needed } from '../setting.ts';
import { sqlFailure } from './failure.ts';
import { exactTypes } from './values.ts';

export type Row = Readonly<Record<string, unknown>>;

/** One transaction's connection: runs a statement and returns its rows. */
export type Run = <T extends Row>(sql: string, values?: readonly unknown[]) => Promise<T[]>;

/** The legacy database as the runner's own user. */
export interface Database {
  readonly system: string;
  /** Milliseconds a statement, or a wait for a lock, may take. */
  readonly timeoutMs: number;
  /** One statement in a transaction of its own. `operation` names it in errors. */
  run<T extends Row>(operation: string, sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** Several statements in one transaction, read committed; rolled back when `work` rejects. */
  transaction<T>(operation: string, work: (run: Run) => Promise<T>): Promise<T>;
  /** The same over one unchanging snapshot, refusing every write. */
  snapshot<T>(operation: string, work: (run: Run) => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

/**
 * Opens a small pool; connects at the first use. `connection.values.url` is a `postgresql://` address.
 * `row_security=off` makes PostgreSQL refuse a read that a row policy would silently shorten.
 */
export function openDatabase(connection: Connection): Database {
  const { system, callTimeoutMs } = connection;
  const connectionString = needed(connection, 'url');
  const pool = new Pool({
    connectionString,
    application_name: 'cutover',
    max: 4,
    types: exactTypes,
    connectionTimeoutMillis: callTimeoutMs,
    // Each is a little longer than the one before, so that the most telling error comes first: a lock that is held, a
    // statement that is slow, a server that has vanished without a word.
    options: `-c timezone=UTC -c datestyle=ISO -c row_security=off -c lock_timeout=${String(callTimeoutMs)} -c statement_timeout=${String(callTimeoutMs + 1_000)} -c idle_in_transaction_session_timeout=${String(callTimeoutMs)}`,
    query_timeout: callTimeoutMs + 2_000,
  });
  // An idle connection that breaks is replaced by the pool; the next use tells of a database that is gone.
  pool.on('error', () => undefined);
  const inTransaction =
    (begin: string) =>
    async <T>(operation: string, work: (run: Run) => Promise<T>): Promise<T> => {
      try {
        return await bracket(await pool.connect(), begin, work);
      } catch (error) {
        throw sqlFailure(error, system, operation);
      }
    };
  const transaction = inTransaction('begin');
  return {
    system,
    timeoutMs: callTimeoutMs,
    transaction,
    snapshot: inTransaction('begin isolation level repeatable read read only'),
    run: (operation, sql, values) => transaction(operation, (run) => run(sql, values)),
    dispose: () => pool.end(),
  };
}

async function bracket<T>(client: PoolClient, begin: string, work: (run: Run) => Promise<T>): Promise<T> {
  const run: Run = async <T extends Row>(sql: string, values: readonly unknown[] = []) => (await client.query<T>(sql, [...values])).rows;
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const result = await work(run);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot roll back is thrown away, and its transaction with it.
    await client.query('rollback').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error('rollback failed');
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
