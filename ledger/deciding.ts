import { sql, type Transaction } from 'kysely';
import { errorCode } from '../contracts/failures.ts';
import type { Database } from './database.ts';

/** PostgreSQL's code for a lock that was not to be had in time. */
const lockNotAvailable = '55P03';

/** How often a lock is asked for: receipts of a large batch may hold a wave for seconds, and a stop verb must not be lost to that. */
const tries = 5;

/**
 * A deciding transaction (P12): locks the run, then its waves by ordinal (the named ones, or all), then lets `work` read, decide and write. Its reads
 * are statements of their own, after the locks, so that whatever was committed before is seen. A lock is waited for two seconds, five times over;
 * then it is an error of PostgreSQL (55P03), and the activity is tried again. Nothing may be measured and no system called inside. `first` comes before
 * the locks: whoever waits for a turn there keeps it while it waits for them.
 */
export async function deciding<T>(
  db: Database,
  run: string,
  waves: readonly string[] | 'all',
  work: (tx: Transaction<unknown>) => Promise<T>,
  first: (tx: Transaction<unknown>) => Promise<void> = () => Promise.resolve(),
): Promise<T> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await once(db, run, waves, work, first);
    } catch (error) {
      if (left === 0 || errorCode(error) !== lockNotAvailable) throw error;
    }
  }
}

function once<T>(
  db: Database,
  run: string,
  waves: readonly string[] | 'all',
  work: (tx: Transaction<unknown>) => Promise<T>,
  first: (tx: Transaction<unknown>) => Promise<void>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`set local lock_timeout = '2s'`.execute(tx);
    await first(tx);
    await sql`select 1 from run where id = ${run} for no key update`.execute(tx);
    const which = waves === 'all' ? sql`true` : sql`name = any(${[...waves]})`;
    await sql`select 1 from wave where run = ${run} and ${which} order by ordinal for no key update`.execute(tx);
    return work(tx);
  });
}
