import { sql } from 'kysely';
import type { Database } from './database.ts';
import { tableOf } from './rows.ts';

/** What a comparison of one record of two books found. */
export interface ComparedRecord {
  readonly sourceId: string;
  /** Names of the fields that differ; empty for an agreement. */
  readonly differences: readonly string[];
  /** Names of those that people changed in the target after their account was switched: business, and no fault of the migration. */
  readonly edited: readonly string[];
}

/** What a comparison found on a page of an object's records. */
export interface ComparedPage {
  readonly results: readonly ComparedRecord[];
  /** Records that changed in the source after the last delta: their results stand until that change has been carried over. */
  readonly lagging: readonly string[];
  /** When the reading of the page began, by the ledger's clock. */
  readonly readAt: Date;
}

/** One object of a wave attempt, whose records are compared. */
export interface ComparedObject {
  readonly run: string;
  readonly wave: string;
  readonly attempt: number;
  readonly object: string;
}

/** The comparisons of a wave attempt. */
export interface Compared {
  readonly total: number;
  readonly differing: readonly (ComparedRecord & { readonly object: string })[];
  readonly edited: readonly (ComparedRecord & { readonly object: string })[];
  /** Age of the last sweep (ms): of the object that was not swept for the longest time; null before the first. */
  readonly ageMs: number | null;
}

/** Records of two books compared one by one. */
export class Comparisons {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Begins a sweep over an object's records; returns its number, which grows with every sweep. */
  async begin({ run, wave, attempt, object }: ComparedObject): Promise<number> {
    const { rows } = await sql<{
      sweep: number;
    }>`insert into sweep (run, wave, attempt, object) values (${run}, ${wave}, ${attempt}, ${object})
      on conflict (run, wave, attempt, object) do update set number = sweep.number + 1 returning number as sweep`.execute(this.#db);
    return rows[0]?.sweep ?? 0;
  }

  /** Stores what a sweep found on a page, but of the records that another one has read since; all of them were met. */
  async store(of: ComparedObject, sweep: number, { results, lagging, readAt }: ComparedPage): Promise<void> {
    const { run, wave, attempt, object } = of;
    await this.meet(of, sweep, lagging);
    if (results.length === 0) return;
    const isNewer = sql`comparison.seen_at <= excluded.seen_at`;
    await sql`insert into comparison (run, wave, attempt, object, source_id, differences, edited, sweep, seen_at)
      select ${run}, ${wave}, ${attempt}, ${object}, r."sourceId", r.differences, r.edited, ${sweep}, ${readAt}::timestamptz
      from ${tableOf(results, '"sourceId" text, differences text[], edited text[]')}
      on conflict (run, wave, attempt, object, source_id) do update set sweep = greatest(comparison.sweep, excluded.sweep),
        differences = case when ${isNewer} then excluded.differences else comparison.differences end,
        edited = case when ${isNewer} then excluded.edited else comparison.edited end,
        seen_at = greatest(comparison.seen_at, excluded.seen_at),
        first_seen = case when ${isNewer} and comparison.differences = '{}' and excluded.differences <> '{}' then clock_timestamp()
          else comparison.first_seen end`.execute(this.#db);
  }

  /** Notes that a sweep met records whose results stand as they are. */
  async meet({ run, wave, attempt, object }: ComparedObject, sweep: number, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await sql`update comparison set sweep = greatest(sweep, ${sweep}) where run = ${run} and wave = ${wave} and attempt = ${attempt} and object = ${object}
      and source_id = any(${[...keys]})`.execute(this.#db);
  }

  /** Compared records that neither this sweep nor a later one has met. */
  async unmet({ run, wave, attempt, object }: ComparedObject, sweep: number): Promise<readonly Pick<ComparedRecord, 'sourceId'>[]> {
    const { rows } = await sql<{ sourceId: string }>`select source_id as "sourceId" from comparison
      where run = ${run} and wave = ${wave} and attempt = ${attempt} and object = ${object} and sweep < ${sweep}`.execute(this.#db);
    return rows;
  }

  /** Ends a sweep: records that neither it nor a later one has met are no longer compared, and the object's results are fresh if it is the newest. */
  async finish({ run, wave, attempt, object }: ComparedObject, sweep: number): Promise<void> {
    const where = sql`run = ${run} and wave = ${wave} and attempt = ${attempt} and object = ${object}`;
    await this.#db.transaction().execute(async (tx) => {
      await sql`delete from comparison where ${where} and sweep < ${sweep}`.execute(tx);
      await sql`update sweep set fresh_at = clock_timestamp() where ${where} and number = ${sweep}`.execute(tx);
    });
  }

  /**
   * Compared records of a wave attempt, those that differ, and those that people have changed since. A record that waits for a delta keeps its old
   * result, so an object's sweep is as old as its newest row, and one that never ends is as old as the last that did; the whole is as old as its oldest object.
   */
  async all(run: string, wave: string, attempt: number): Promise<Compared> {
    const where = sql`run = ${run} and wave = ${wave} and attempt = ${attempt}`;
    const { rows } = await sql<
      ComparedRecord & { object: string }
    >`select object, source_id as "sourceId", differences, edited from comparison where ${where} and (differences <> '{}' or edited <> '{}') order by object, source_id`.execute(
      this.#db,
    );
    const swept = await sql<{
      total: number;
      ageMs: number | null;
    }>`select coalesce(sum(records), 0)::bigint as total, (extract(epoch from clock_timestamp() - min(at)) * 1000)::float8 as "ageMs"
      from (select least(s.fresh_at, max(c.seen_at)) as at, count(*) as records from comparison c left join sweep s using (run, wave, attempt, object)
        where ${where} group by object, s.fresh_at) swept`.execute(this.#db);
    return {
      total: swept.rows[0]?.total ?? 0,
      differing: rows.filter(({ differences }) => differences.length > 0),
      edited: rows.filter(({ edited }) => edited.length > 0),
      ageMs: swept.rows[0]?.ageMs ?? null,
    };
  }
}
