import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import pg from 'pg';
import { first } from './migrations/0001-first.ts';
import { fences } from './migrations/0002-fences.ts';
import { holds } from './migrations/0003-holds.ts';
import { flow } from './migrations/0004-flow.ts';
import { targets } from './migrations/0005-targets.ts';
import { owners } from './migrations/0006-owners.ts';
import { outcomes } from './migrations/0007-outcomes.ts';
import { skew } from './migrations/0007-skew.ts';
import { looks } from './migrations/0008-looks.ts';
import { sets } from './migrations/0009-sets.ts';
import { fewerRows } from './migrations/0010-fewer-rows.ts';
import { leanIntents } from './migrations/0012-lean-intents.ts';
import { joined } from './migrations/0011-joined.ts';
import { budget } from './migrations/0013-budget.ts';
import { byAccount } from './migrations/0014-by-account.ts';
import { archivedKeys } from './migrations/0015-archived-keys.ts';
import { archivedCopies } from './migrations/0016-archived-copies.ts';
import { gateCalls } from './migrations/0017-gate-calls.ts';
import { childExecutions } from './migrations/0018-child-executions.ts';
import { readAt } from './migrations/0019-read-at.ts';
import { asked } from './migrations/0020-asked.ts';
import { newBusiness } from './migrations/0021-new-business.ts';
import { places } from './migrations/0022-places.ts';
import { whileInUse } from './while-in-use.ts';

/** The tables are spoken to in SQL, so the type of the schema stays open; each table group types its own rows. */
export type Database = Kysely<unknown>;

// Counts stay exact far below 2^53, and every id column of the ledger is such a count.
const countsAsNumbers: pg.CustomTypesConfig = {
  getTypeParser: (type, format) => (type === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(type, format)) as never,
};

/** Seconds after which the server ends a transaction whose client sleeps, so that a stopped process cannot hold up a raise. */
const idleInTransactionMs = 4_000;

/** Seconds a connection may live: one to a server that became read-only, or no longer is the primary, is not kept for longer. */
const maxLifetimeSeconds = 60;

/** Milliseconds until a server that says nothing counts as one that cannot be reached. */
const connectWithinMs = 10_000;

/** How a database is connected to. */
export interface Connecting {
  /** At most. */
  readonly connections?: number;
  /** Whether a query waits for a connection that others use for as long as they do; else it is an error after ten seconds. */
  readonly isPatient?: boolean;
}

/** The pool has one limit for both waits, and hands it to its connections: these have their own. */
class Connection extends pg.Client {
  constructor(config: pg.ClientConfig = {}) {
    super({ ...config, connectionTimeoutMillis: connectWithinMs });
  }
}

/**
 * Opens the ledger database; nothing is connected before the first query. A connection that the server ends fails the transaction it served,
 * with the server's own error, and nothing else.
 */
export function openDatabase(url: string, { connections = 12, isPatient = false }: Connecting = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    Client: Connection,
    types: countsAsNumbers,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    connectionTimeoutMillis: isPatient ? 0 : connectWithinMs,
    maxLifetimeSeconds,
  });
  // Without listeners a connection that the server ends would end the process: an idle one tells the pool, one in use tells itself.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
}

const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-fences': fences,
  '0003-holds': holds,
  '0004-flow': flow,
  '0005-targets': targets,
  '0006-owners': owners,
  '0007-outcomes': outcomes,
  '0007-skew': skew,
  '0008-looks': looks,
  '0009-sets': sets,
  '0010-fewer-rows': fewerRows,
  '0012-lean-intents': leanIntents,
  '0011-joined': joined,
  '0013-budget': budget,
  '0014-by-account': byAccount,
  '0015-archived-keys': archivedKeys,
  '0016-archived-copies': archivedCopies,
  '0017-gate-calls': gateCalls,
  '0018-child-executions': childExecutions,
  '0019-read-at': readAt,
  '0020-asked': asked,
  '0021-new-business': newBusiness,
  '0022-places': places,
};

/** How long a migration is tried for while others use the tables (ms). */
const migrationPatienceMs = 120_000;

/**
 * Brings the schema up to date and returns the names of the migrations it executed, in order; needs the administrator's address. A schema that a later
 * release has migrated further stays as it is. Rejects with the database's own error, or with TablesInUse, and leaves the schema as it was.
 */
export async function migrate(adminUrl: string, patienceMs = migrationPatienceMs): Promise<readonly string[]> {
  const db = openDatabase(adminUrl, { connections: 1 });
  try {
    if (await isOfLaterRelease(db)) return [];
    return await whileInUse(db, patienceMs, () => migrateNow(db));
  } finally {
    await db.destroy();
  }
}

async function migrateNow(db: Database): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('the migration of the ledger failed', { cause: error });
  return results.map(({ migrationName }) => migrationName);
}

/** Whether all migrations of this release were executed, and after them others that it does not know. */
async function isOfLaterRelease(db: Database): Promise<boolean> {
  const tables = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (tables.rows[0]?.there !== true) return false;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  const executed = new Set(rows.map(({ name }) => name));
  const known = Object.keys(migrations);
  const unknown = [...executed].filter((name) => !known.includes(name));
  return unknown.length > 0 && known.every((name) => executed.has(name) && unknown.every((later) => later > name));
}
