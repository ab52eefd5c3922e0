import { sql } from 'kysely';
import { mayAct, type WaveAttempt } from '../domain/waves/acts.ts';
import { Overtaken, WaveMovedOn } from '../domain/waves/moved-on.ts';
import { standingOf } from './acts.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';
import { openExceptions, type NewException } from './exceptions.ts';
import { seal, unsealText } from './sealed.ts';

/** A record for entry in legacy, and the key that it has nowhere twice: the same record with other contents has another one. */
export interface BusinessRow {
  readonly key: string;
  readonly row: object;
}

/** What was found in the target, what people are told of it, and the object under which the archive holds it. */
export interface Found {
  readonly scope: string;
  readonly archivedAs: string;
  readonly rows: readonly BusinessRow[];
  readonly exceptions: readonly NewException[];
}

/** Records that go into the archive as one part. */
export interface BusinessPart<Row> {
  readonly part: string;
  readonly keys: readonly string[];
  readonly rows: readonly Row[];
}

/** New business on its way from the target to the archive. */
export class NewBusiness {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Writes down what was found for a wave that goes back. Rows that are in no part yet become a new one, which is kept until it is put; `nameOf` names
   * it by its keys. Behind the lock of the run, so that two waves, or two tries, never take the same row. Returns how many rows are new; none where the wave
   * is back by now. `order` is that of the reading: rejects with Overtaken where a later one was allowed, and with WaveMovedOn where the attempt is another.
   */
  async gather(who: WaveAttempt & { readonly order: number }, found: Found, nameOf: (keys: readonly string[]) => string): Promise<number> {
    const { scope, archivedAs, rows, exceptions } = found;
    return deciding(this.#db, who.run, [who.wave], async (tx) => {
      const at = await standingOf(tx, who.run, who.wave);
      const answer = at === undefined ? 'late' : mayAct({ act: 'findBusiness', attempt: who.attempt, generation: null }, at);
      if (answer === 'over') return 0;
      if (answer !== 'may') throw new WaveMovedOn(who.wave, who.attempt, 'findBusiness', at);
      const later = await sql`select 1 from act where run = ${who.run} and wave = ${who.wave} and kind = 'findBusiness'
        and number > ${who.order} limit 1`.execute(tx);
      if (later.rows.length > 0) throw new Overtaken(who.wave, 'findBusiness');
      await openExceptions(tx, who.run, who.wave, exceptions);
      const taken = await sql<{ key: string }>`select key from archived_key where scope = ${scope} and object = ${archivedAs}
          and key = any(${rows.map(({ key }) => key)})
        union all select unnest(keys) from business_part where scope = ${scope}`.execute(tx);
      const held = new Set(taken.rows.map(({ key }) => key));
      const fresh = rows.filter(({ key }) => !held.has(key));
      if (fresh.length === 0) return 0;
      const keys = fresh.map(({ key }) => key);
      await sql`insert into business_part (scope, part, run, keys, rows)
        values (${scope}, ${nameOf(keys)}, ${who.run}, ${keys}, ${seal(JSON.stringify(fresh.map(({ row }) => row)))})`.execute(tx);
      await sql`insert into audit_event (run, wave, kind, detail)
        values (${who.run}, ${who.wave}, 'newBusiness', ${JSON.stringify({ documents: fresh.length })}::jsonb)`.execute(tx);
      return fresh.length;
    });
  }

  /** Parts of a run that nobody is known to have put into the archive, oldest first. */
  async waiting<Row>(run: string): Promise<readonly BusinessPart<Row>[]> {
    const { rows } = await sql<{
      part: string;
      keys: string[];
      rows: string;
    }>`select part, keys, rows from business_part where run = ${run} order by at`.execute(this.#db);
    return rows.map((row) => ({ ...row, rows: JSON.parse(unsealText(row.rows)) as readonly Row[] }));
  }

  /** Forgets a part that is in the archive, and noted there. */
  async put(scope: string, part: string): Promise<void> {
    await sql`delete from business_part where scope = ${scope} and part = ${part}`.execute(this.#db);
  }
}
