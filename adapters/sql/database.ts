import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import type { Connection } from '../../contracts/connection.ts';
import { needed } from '../setting.ts';
import { connectFailure, costsConnection, sqlFailure } from './failure.ts';
import { begin, beginStatement } from './session.ts';
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

/** Seconds a connection may live, so that one to a server that is no longer the primary is not kept for ever. */
const maxLifetimeSeconds = 60;

/**
 * Opens a small pool; connects at the first use. `connection.values.url` is a `postgresql://` address. Names without a schema are looked up
 * in `schemas`, then in `public`. A connection that the server ends fails the transaction it served, and nothing else.
 */
export function openDatabase(connection: Connection, schemas: readonly string[]): Database {
  const { system, callTimeoutMs } = connection;
  const pool = new Pool({
    connectionString: needed(connection, 'url'),
    application_name: 'cutover',
    max: 4,
    types: exactTypes,
    connectionTimeoutMillis: callTimeoutMs,
    maxLifetimeSeconds,
    // Longer than the server's own limits: it is for a server that has vanished without a word.
    query_timeout: callTimeoutMs + 2_000,
  });
  // Without listeners a connection that the server ends would end the process: an idle one tells the pool, one in use tells itself.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  const inTransaction = (mode: string, readOnly: boolean) => {
    const statement = beginStatement(mode, schemas, callTimeoutMs);
    return async <T>(operation: string, work: (run: Run) => Promise<T>): Promise<T> => {
      const failure = (error: unknown): Error => sqlFailure(error, system, operation, readOnly);
      const client = await pool.connect().catch((error: unknown) => {
        throw connectFailure(error, system, operation);
      });
      try {
        return await bracket(client, (opened) => begin(opened, system, statement), work, failure);
      } catch (error) {
        throw failure(error);
      }
    };
  };
  const transaction = inTransaction('begin isolation level read committed', false);
  return {
    system,
    timeoutMs: callTimeoutMs,
    transaction,
    snapshot: inTransaction('begin isolation level repeatable read read only', true),
    run: (operation, sql, values) => transaction(operation, (run) => run(sql, values)),
    dispose: () => pool.end(),
  };
}

async function bracket<T>(
  client: PoolClient,
  start: (client: PoolClient) => Promise<void>,
  work: (run: Run) => Promise<T>,
  failure: (error: unknown) => Error,
): Promise<T> {
  const run: Run = async <T extends Row>(sql: string, values: readonly unknown[] = []) => (await client.query<T>(sql, [...values])).rows;
  let broken: Error | undefined;
  try {
    await start(client);
    const result = await work(run);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection to a server that is going away or takes no writes is thrown away; so is one that cannot roll back, and its transaction with it.
    const seen = failure(error);
    if (costsConnection(seen)) broken = seen;
    await client.query('rollback').catch((lost: unknown) => {
      broken = lost instanceof Error ? lost : new Error('rollback failed');
    });
    throw seen;
  } finally {
    client.release(broken);
  }
}
