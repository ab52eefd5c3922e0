import type { LocalPostgres } from '../../dev/postgres.ts';
import { askDatabase } from '../../dev/sql.ts';

/** A statement as PostgreSQL counted it. */
export interface CountedStatement {
  readonly calls: number;
  readonly rows: number;
  readonly ms: number;
  readonly text: string;
}

/** What a database was asked and wrote between two looks. */
export interface DatabaseWork {
  /** Statements sent by clients, those that begin and end transactions included. */
  readonly statements: number;
  /** Those among them that only begin or end a transaction. */
  readonly transactionControl: number;
  readonly walBytes: number;
  /** The statements asked most often, most often first. */
  readonly top: readonly CountedStatement[];
}

/** Settings of a PostgreSQL whose data outlives a crash, and that counts its statements; checkpoints do not fall into a round. */
export const measuredSettings: readonly string[] = [
  ...['fsync=on', 'synchronous_commit=on', 'full_page_writes=on'],
  ...['shared_preload_libraries=pg_stat_statements', 'pg_stat_statements.max=10000'],
  ...['shared_buffers=512MB', 'max_wal_size=8GB', 'checkpoint_timeout=30min'],
];

const topCount = 20;
const control = `query ~* '^(begin|start transaction|commit|rollback|savepoint|release)'`;

/** Counts what is asked of one database of a server from `begin` to `end`. Asks under the administrator, whose own statements do not count. */
export class DatabaseMeter {
  readonly #url: string;
  readonly #database: string;
  #wal = '0/0';

  constructor(postgres: LocalPostgres, database: string) {
    this.#url = postgres.url('postgres');
    this.#database = database;
  }

  async begin(): Promise<void> {
    const [, , found] = await askDatabase(this.#url, [
      'create extension if not exists pg_stat_statements',
      'select pg_stat_statements_reset()',
      'select pg_current_wal_insert_lsn()::text as wal',
    ]);
    this.#wal = String(found?.[0]?.['wal']);
  }

  async end(): Promise<DatabaseWork> {
    const own = `pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = '${this.#database}'
      and s.userid <> (select oid from pg_roles where rolname = session_user)`;
    const [wal, sums, top] = await askDatabase(this.#url, [
      `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '${this.#wal}')::float8 as bytes`,
      `select coalesce(sum(calls), 0)::float8 as statements, coalesce(sum(calls) filter (where ${control}), 0)::float8 as control from ${own}`,
      `select calls::float8 as calls, rows::float8 as rows, total_exec_time as ms, query as text from ${own} order by calls desc limit ${String(topCount)}`,
    ]);
    return {
      statements: Number(sums?.[0]?.['statements']),
      transactionControl: Number(sums?.[0]?.['control']),
      walBytes: Number(wal?.[0]?.['bytes']),
      top: (top ?? []).map((row) => ({ ...(row as unknown as CountedStatement), text: String(row['text']).replaceAll(/\s+/g, ' ') })),
    };
  }
}

/** Rows inserted, updated and deleted in a database since it was made, by table. Complete only once its writers are gone, or idle for ten seconds. */
export async function rowsWritten(postgres: LocalPostgres, database: string): Promise<Readonly<Record<string, number>>> {
  const [, rows] = await askDatabase(postgres.url(database), [
    'select pg_stat_clear_snapshot()',
    'select relname as table, (n_tup_ins + n_tup_upd + n_tup_del)::float8 as rows from pg_stat_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0',
  ]);
  return Object.fromEntries((rows ?? []).map((row) => [String(row['table']), Number(row['rows'])]));
}
