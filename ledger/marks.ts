import { sql } from 'kysely';
import type { WaveRef } from '../contracts/messages.ts';
import type { Database } from './database.ts';

/** Marks in the target's own time: from where on its change feed tells what was done since a switch. */
export class Marks {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps the reading of the target's clock (epoch ms, at the earliest) with which the switch of this attempt began; the first one stays. */
  async note({ run, wave, attempt }: WaveRef, earliestMs: number): Promise<void> {
    await sql`insert into switch_mark (run, wave, attempt, earliest) values (${run}, ${wave}, ${attempt}, ${new Date(earliestMs)}) on conflict do nothing`.execute(
      this.#db,
    );
  }

  /** The marks of all attempts of a run by the target's clock, oldest first. */
  async ofRun(run: string): Promise<readonly { readonly wave: string; readonly attempt: number; readonly earliest: Date }[]> {
    const { rows } = await sql<{
      wave: string;
      attempt: number;
      earliest: Date;
    }>`select wave, attempt, earliest from switch_mark where run = ${run} order by earliest, wave`.execute(this.#db);
    return rows;
  }

  /** The mark of this attempt by the target's clock; null where its switch never began. */
  async of(run: string, wave: string, attempt: number): Promise<Date | null> {
    const { rows } = await sql<{
      earliest: Date;
    }>`select earliest from switch_mark where run = ${run} and wave = ${wave} and attempt = ${attempt}`.execute(this.#db);
    return rows[0]?.earliest ?? null;
  }
}
