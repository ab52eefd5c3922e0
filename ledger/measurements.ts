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

/** Values of metrics, and the write outcomes that one of them counts. */
export class Measurements {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Stores what was measured; `ageMs` is the age of what it was measured from, where that is older than the measuring. */
  async store(
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
}
