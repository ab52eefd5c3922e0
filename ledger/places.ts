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

  /** What a call has noted stands for another name from now on, with its age; what that had stays where the call has noted nothing. */
  async handOver(call: string, to: string): Promise<void> {
    // As for `note`: whoever ends the run has its row.
    await sql`with standing as materialized (select id from run where id = (select run from place where call = ${call}) and state = 'open' for share),
        noted as (delete from place where call = ${call} and run in (select id from standing) returning *)
      insert into place (call, run, try, mark, at) select ${to}, run, 0, mark, at from noted
      on conflict (call) do update set mark = excluded.mark, at = excluded.at`.execute(this.#db);
  }

  /** Forgets calls that have come to their end. */
  async drop(calls: readonly string[]): Promise<void> {
    await sql`delete from place where call = any(${[...calls]})`.execute(this.#db);
  }
}
