import { sql } from 'kysely';
import { blamelessKinds } from '../contracts/failures.ts';
import { batchKind } from './calls.ts';
import type { Database } from './database.ts';

export interface MeasurementRow {
  readonly metric: string;
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly samples: readonly string[];
  readonly error: string | null;
  readonly at: Date;
  /** Age by the ledger's clock (ms). */
  readonly ageMs: number;
}

export interface VerdictRow {
  readonly id: number;
  readonly guard: string;
  readonly wave: string;
  readonly attempt: number;
  readonly segment: number;
  readonly verdict: 'pass' | 'breach' | 'inconclusive' | 'error';
  readonly warn: boolean;
  /** A plain limit was passed at this look; passing it at the next one too is a breach. */
  readonly secondLook: boolean;
  readonly reason: string;
  readonly k: number | null;
  readonly n: number | null;
  readonly eValue: number | null;
  readonly answer: string | null;
  readonly at: Date;
  readonly answeredAt: Date | null;
}

/** The breaches of a guard that people have answered. */
export interface Answered {
  readonly times: number;
  readonly k: number;
  readonly n: number;
  readonly last: number;
}

/** What a comparison of one record of two books found. */
export interface ComparedRecord {
  readonly sourceId: string;
  /** Names of the fields that differ; empty for an agreement. */
  readonly differences: readonly string[];
  /** Names of those that people changed in the target after their account was switched: business, and no fault of the migration. */
  readonly edited: readonly string[];
}

/** The comparisons of a wave attempt. */
export interface Comparisons {
  readonly total: number;
  readonly differing: readonly (ComparedRecord & { readonly object: string })[];
  readonly edited: readonly (ComparedRecord & { readonly object: string })[];
  /** Age of the last sweep (ms): of the object that was not swept for the longest time; null before the first. */
  readonly ageMs: number | null;
}

const columns = sql`id, guard, wave, attempt, segment, verdict, warn, second_look as "secondLook", reason, k, n, e_value as "eValue", answer, at, answered_at as "answeredAt"`;

/** Measurements, the verdicts judged from them, and the outcomes they count. */
export class Guards {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Stores what was measured; `ageMs` is the age of what it was measured from, where that is older than the measuring. */
  async measure(
    run: string,
    wave: string,
    attempt: number,
    metric: string,
    value: {
      readonly numerator: number | null;
      readonly denominator: number | null;
      readonly samples: readonly string[];
      readonly error: string | null;
      readonly ruleVersion: number;
      readonly ageMs?: number;
    },
  ): Promise<void> {
    await sql`insert into measurement (run, wave, attempt, metric, rule_version, numerator, denominator, samples, error, at)
      values (${run}, ${wave}, ${attempt}, ${metric}, ${value.ruleVersion}, ${value.numerator}, ${value.denominator}, ${[...value.samples]}, ${value.error},
        clock_timestamp() - make_interval(secs => ${(value.ageMs ?? 0) / 1000}))`.execute(this.#db);
  }

  /** Newest measurement of a metric. */
  async latest(run: string, wave: string, attempt: number, metric: string): Promise<MeasurementRow | null> {
    const { rows } =
      await sql<MeasurementRow>`select metric, numerator, denominator, samples, error, at, (extract(epoch from clock_timestamp() - at) * 1000)::float8 as "ageMs"
      from measurement where run = ${run} and wave = ${wave} and attempt = ${attempt} and metric = ${metric} and error is null order by id desc limit 1`.execute(
        this.#db,
      );
    return rows[0] ?? null;
  }

  /**
   * Write outcomes of a wave attempt, each record once at its first outcome: how many there were and which failed.
   * What is no failure of the record does not count, nor does a batch refused for one of its rows: the row is asked again alone.
   */
  async writeOutcomes(run: string, wave: string, attempt: number): Promise<{ readonly total: number; readonly failed: readonly string[] }> {
    const { rows } = await sql<{ total: number; failed: readonly string[] }>`
      with outcome as (select distinct on (e.system, e.object, e.source_id) e.object || ' ' || e.source_id as record, r.outcome
        from receipt r join effect e on e.id = r.effect join lane l on l.id = e.lane
        where e.run = ${run} and e.wave = ${wave} and e.attempt = ${attempt} and l.kind in ('load', 'switch') and r.outcome <> 'unknown' and coalesce(r.kind, '') <> all(${[...blamelessKinds, batchKind]})
        order by e.system, e.object, e.source_id, r.at)
      select count(*) as total, coalesce(array_agg(record order by record) filter (where outcome = 'rejected'), '{}') as failed from outcome`.execute(
      this.#db,
    );
    return rows[0] ?? { total: 0, failed: [] };
  }

  /**
   * How many breaches of a guard in a wave attempt were answered, what they had counted together (each beyond the one before), and what the last of
   * them had counted: there the present segment begins.
   */
  async answered(run: string, guard: string, wave: string, attempt: number): Promise<Answered> {
    const { rows } =
      await sql<Answered>`select count(*) as times, coalesce(sum(k), 0)::bigint as k, coalesce(sum(n), 0)::bigint as n, coalesce((array_agg(k order by id desc))[1], 0) as last
      from verdict where run = ${run} and guard = ${guard} and wave = ${wave} and attempt = ${attempt} and verdict = 'breach' and answered_at is not null`.execute(
        this.#db,
      );
    return rows[0] ?? { times: 0, k: 0, n: 0, last: 0 };
  }

  /** Failed reads of a metric since its last value. */
  async failedReads(run: string, wave: string, attempt: number, metric: string): Promise<number> {
    const { rows } = await sql<{
      failed: number;
    }>`select count(*) as failed from measurement m where m.run = ${run} and m.wave = ${wave} and m.attempt = ${attempt} and m.metric = ${metric} and m.error is not null
      and m.id > coalesce((select max(id) from measurement g where g.run = m.run and g.wave = m.wave and g.attempt = m.attempt and g.metric = m.metric and g.error is null), 0)`.execute(
      this.#db,
    );
    return rows[0]?.failed ?? 0;
  }

  /** Newest verdict of a guard in a wave attempt. */
  async verdict(run: string, guard: string, wave: string, attempt: number): Promise<VerdictRow | null> {
    const { rows } =
      await sql<VerdictRow>`select ${columns} from verdict where run = ${run} and guard = ${guard} and wave = ${wave} and attempt = ${attempt} order by id desc limit 1`.execute(
        this.#db,
      );
    return rows[0] ?? null;
  }

  async store(run: string, verdict: Omit<VerdictRow, 'id' | 'at' | 'answeredAt'>): Promise<void> {
    await sql`insert into verdict (run, guard, wave, attempt, segment, verdict, warn, second_look, reason, k, n, e_value, answer)
      values (${run}, ${verdict.guard}, ${verdict.wave}, ${verdict.attempt}, ${verdict.segment}, ${verdict.verdict}, ${verdict.warn}, ${verdict.secondLook}, ${verdict.reason}, ${verdict.k}, ${verdict.n}, ${verdict.eValue}, ${verdict.answer})`.execute(
      this.#db,
    );
  }

  /** Answers open breaches of a wave (a resume, or a rollback): the next judgement opens a new segment. */
  async answer(run: string, wave: string | null): Promise<number> {
    const { rows } =
      await sql`update verdict set answered_at = clock_timestamp() where run = ${run} and (${wave}::text is null or wave = ${wave}) and verdict = 'breach' and answered_at is null returning 1`.execute(
        this.#db,
      );
    return rows.length;
  }

  /** Guards with a breach that nobody has answered, in one wave's present attempt or (null) in any wave's. */
  async unanswered(run: string, wave: string | null): Promise<readonly string[]> {
    const { rows } = await sql<{
      guard: string;
    }>`select distinct v.guard from verdict v join wave w on w.run = v.run and w.name = v.wave and w.attempt = v.attempt
      where v.run = ${run} and v.verdict = 'breach' and v.answered_at is null and (${wave}::text is null or v.wave = ${wave}) order by 1`.execute(
      this.#db,
    );
    return rows.map(({ guard }) => guard);
  }

  async all(run: string): Promise<readonly VerdictRow[]> {
    const { rows } = await sql<VerdictRow>`select ${columns} from verdict where run = ${run} order by id`.execute(this.#db);
    return rows;
  }

  /** Replaces the comparison of an object's records; `kept` are records not compared this time whose result stands. */
  async compare(
    run: string,
    wave: string,
    attempt: number,
    object: string,
    results: readonly ComparedRecord[],
    kept: readonly string[],
  ): Promise<void> {
    const present = [...results.map(({ sourceId }) => sourceId), ...kept];
    await sql`delete from comparison where run = ${run} and wave = ${wave} and attempt = ${attempt} and object = ${object} and source_id <> all(${present}::text[])`.execute(
      this.#db,
    );
    for (const result of results) {
      await sql`insert into comparison (run, wave, attempt, object, source_id, differences, edited) values (${run}, ${wave}, ${attempt}, ${object}, ${result.sourceId}, ${[...result.differences]}, ${[...result.edited]})
        on conflict (run, wave, attempt, object, source_id) do update set differences = excluded.differences, edited = excluded.edited, seen_at = clock_timestamp(),
          first_seen = case when comparison.differences = '{}' and excluded.differences <> '{}' then clock_timestamp() else comparison.first_seen end`.execute(
        this.#db,
      );
    }
  }

  /**
   * Compared records of a wave attempt, those that differ, and those that people have changed since. A record that waits for a delta keeps its old
   * result, so an object's sweep is as old as its newest row; the whole is as old as the object whose sweep is the oldest.
   */
  async comparisons(run: string, wave: string, attempt: number): Promise<Comparisons> {
    const where = sql`run = ${run} and wave = ${wave} and attempt = ${attempt}`;
    const { rows } = await sql<
      ComparedRecord & { object: string }
    >`select object, source_id as "sourceId", differences, edited from comparison where ${where} order by object, source_id`.execute(
      this.#db,
    );
    const swept = await sql<{ ageMs: number | null }>`select (extract(epoch from clock_timestamp() - min(at)) * 1000)::float8 as "ageMs"
      from (select max(seen_at) as at from comparison where ${where} group by object) sweep`.execute(this.#db);
    return {
      total: rows.length,
      differing: rows.filter(({ differences }) => differences.length > 0),
      edited: rows.filter(({ edited }) => edited.length > 0),
      ageMs: swept.rows[0]?.ageMs ?? null,
    };
  }
}
