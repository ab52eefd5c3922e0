import { sql } from 'kysely';
import type { Database } from './database.ts';
import { storableJson } from './rows.ts';

/** Up to where the work of an activity is done for good, by the names it has for that. It may name records by their keys. */
export type Mark = Readonly<Record<string, string>>;

/** A mark, and how long ago it was noted (ms, by the ledger's clock). */
export interface Noted {
  readonly mark: Mark;
  readonly ageMs: number;
}

/** Up to where calls of activities have come, so that a later try of one goes on from there. */
export class Places {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Notes up to where this try of a call is done; what a later try has noted stays, and of a run that has ended nothing is noted. */
  async note(run: string, call: string, attempt: number, mark: Mark): Promise<void> {
    // Whoever ends the run has its row: a note that finds it open is there before what was noted is deleted.
    await sql`insert into place (call, run, try, mark)
      select ${call}, id, ${attempt}::int, ${storableJson(mark)}::jsonb from run where id = ${run} and state = 'open' for share
      on conflict (call) do update set try = excluded.try, mark = excluded.mark, at = excluded.at where place.try <= excluded.try`.execute(
      this.#db,
    );
  }

  /** What was noted last; null where no try has noted anything. */
  async of(call: string): Promise<Noted | null> {
    const { rows } = await sql<Noted>`select mark, (extract(epoch from clock_timestamp() - at) * 1000)::float8 as "ageMs" from place
      where call = ${call}`.execute(this.#db);
    return rows[0] ?? null;
  }

  /** Forgets a call that has come to its end. */
  async drop(call: string): Promise<void> {
    await sql`delete from place where call = ${call}`.execute(this.#db);
  }
}
