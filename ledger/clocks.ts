import { sql } from 'kysely';
import { offsetOf, type DatedOffset } from '../domain/effects/skew.ts';
import type { Database } from './database.ts';

/** How far the clocks of the systems are from the ledger's, measured again and again. */
export class Clocks {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Reads a system's clock between two of the ledger's and stores the offset. Rejects as the reading does. */
  async measure(
    scope: string,
    system: string,
    read: () => Promise<{ readonly earliestMs: number; readonly latestMs: number }>,
  ): Promise<void> {
    const beforeMs = await this.#now();
    const reading = await read();
    const { leastMs, mostMs } = offsetOf({ beforeMs, ...reading, afterMs: await this.#now() });
    await sql`insert into clock_offset (scope, system, least_ms, most_ms) values (${scope}, ${system}, ${leastMs}, ${mostMs})`.execute(
      this.#db,
    );
  }

  /** What was measured since an instant, the last reading before it included, in the order in which it was. */
  async readingsSince(scope: string, system: string, since: Date): Promise<readonly DatedOffset[]> {
    const { rows } =
      await sql<DatedOffset>`select (extract(epoch from at) * 1000)::float8 as "atMs", least_ms as "leastMs", most_ms as "mostMs" from clock_offset
      where scope = ${scope} and system = ${system}
      and at >= coalesce((select max(at) from clock_offset where scope = ${scope} and system = ${system} and at <= ${since}), '-infinity') order by at`.execute(
        this.#db,
      );
    return rows;
  }

  /** The ledger's time, never later than it is: when a reading begins. */
  async now(): Promise<Date> {
    return new Date(Math.floor(await this.#now()));
  }

  /** The ledger's time (epoch ms). */
  async #now(): Promise<number> {
    const { rows } = await sql<{ ms: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(this.#db);
    if (rows[0] === undefined) throw new Error('the ledger told no time');
    return rows[0].ms;
  }
}
