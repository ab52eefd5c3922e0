import { escapeIdentifier, escapeLiteral } from 'pg';
import type { PoolClient, QueryResult } from 'pg';
import { AdapterError } from '../../contracts/failures.ts';

/**
 * The statements that begin a transaction with the settings its results depend on, in one round trip. They are set for the transaction, not
 * for the connection: a pooler drops what a connection asks for at its start, and hands the same server session to others.
 *
 * `row_security = off` makes PostgreSQL refuse a read that a row policy would silently shorten. Of the three limits each is a little longer
 * than the one before, so that the most telling error comes first: a lock that is held, a statement that is slow, a client that sleeps.
 */
export function beginStatement(mode: string, schemas: readonly string[], timeoutMs: number): string {
  const path = [...new Set([...schemas, 'public'])].map(escapeIdentifier).join(', ');
  const settings: Readonly<Record<string, string>> = {
    standard_conforming_strings: 'on',
    client_encoding: `'UTF8'`,
    timezone: `'UTC'`,
    datestyle: `'ISO, YMD'`,
    intervalstyle: 'postgres',
    bytea_output: 'hex',
    extra_float_digits: '1',
    row_security: 'off',
    search_path: `${path}, pg_temp`,
    synchronous_commit: 'on',
    lock_timeout: String(timeoutMs),
    statement_timeout: String(timeoutMs + 1_000),
    idle_in_transaction_session_timeout: String(timeoutMs),
  };
  const set = Object.entries(settings).map(([name, value]) => `set local ${name} = ${value}`);
  return [mode, ...set, readBack].join('; ');
}

/** What is read back: a proxy between us and the server may have swallowed a statement, or led us to a copy of the database. */
const readBack = `select pg_is_in_recovery() as standby, current_setting('row_security') as row_security, current_setting('TimeZone') as timezone`;

/**
 * Begins the transaction. Rejects with kind `unavailable` on a standby, whose rows are older than what was committed, and where the settings
 * did not arrive.
 */
export async function begin(client: PoolClient, system: string, statement: string): Promise<void> {
  const results = (await client.query(statement)) as unknown as readonly QueryResult<Record<string, unknown>>[];
  const seen = results.at(-1)?.rows[0];
  if (seen?.standby === true || seen?.standby === 't')
    throw refused(system, 'the address leads to a standby, which shows older rows and takes no orders; name the primary server');
  if (seen?.row_security !== 'off' || seen.timezone !== 'UTC')
    throw refused(
      system,
      `the settings of the session did not arrive (${escapeLiteral(JSON.stringify(seen ?? null))}); use a pooler that keeps a transaction on one server session`,
    );
}

function refused(system: string, sentence: string): AdapterError {
  return new AdapterError('unavailable', `${system}: ${sentence}`, { system, operation: 'begin' });
}
