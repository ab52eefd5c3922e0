import { sql, type Kysely } from 'kysely';
import { errorCode } from '../contracts/failures.ts';

/** PostgreSQL's codes for a lock that was not to be had in time, and for one whose holder waited for us. */
const inTheWay = ['55P03', '40P01'];

/** How long a change of tables waits for those who use them (ms): whoever comes behind it waits for as long. */
const waitsMs = 2_000;

/** Between two tries (ms), in which those who came behind it have their turn. */
const pauseMs = 1_000;

/** A change of tables that did not come about, because others did not let go of them. */
export class TablesInUse extends Error {}

/**
 * Changes tables that others use: what waits behind a long transaction would itself hold up everybody behind it, so each try waits for seconds only, and lets
 * the others go on before the next. Rejects with TablesInUse once `patienceMs` are over.
 */
export async function whileInUse<T>(db: Kysely<unknown>, patienceMs: number, change: () => Promise<T>): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    await sql`select set_config('lock_timeout', ${`${String(waitsMs)}ms`}, false)`.execute(db);
    try {
      return await change();
    } catch (error) {
      if (!inTheWay.includes(errorCode(error) ?? '')) throw error;
      if (performance.now() + pauseMs > endMs) throw await inUse(db, patienceMs, error);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

async function inUse(db: Kysely<unknown>, patienceMs: number, cause: unknown): Promise<TablesInUse> {
  const { rows } = await sql<{ pid: number; user: string; seconds: number }>`select pid, usename as "user",
      extract(epoch from clock_timestamp() - xact_start)::int as seconds from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null order by xact_start limit 1`.execute(db);
  const [oldest] = rows;
  const who =
    oldest === undefined
      ? ''
      : ` The oldest is that of session ${String(oldest.pid)}, of user ${oldest.user}, since ${String(oldest.seconds)} s.`;
  return new TablesInUse(
    `Transactions of others kept the tables of the ledger in use for ${String(Math.round(patienceMs / 1_000))} s, so nothing was changed.${who}`,
    { cause },
  );
}
