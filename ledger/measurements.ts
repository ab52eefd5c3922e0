import { sql, type RawBuilder } from 'kysely';
import { blamelessKinds } from '../contracts/failures.ts';
import { batchKind } from './calls.ts';
import type { Database } from './database.ts';
import { inTurn } from './in-turn.ts';

export interface MeasurementRow {
  readonly id: number;
  readonly metric: string;
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly samples: readonly string[];
  readonly error: string | null;
  readonly at: Date;
  /** Age by the ledger's clock (ms). */
  readonly ageMs: number;
}

/** What is measured of a run is stored by one at a time. */
export function storing(run: string, metric: string): readonly string[] {
  return ['measurement', run, metric];
}

/**
 * Whether what began to be read then is not older than the last that was stored of a metric. Those that are stored follow one another, so the last is the
 * newest: ask in the turn of whoever stores.
 */
export function isNewest(of: Readonly<Record<'run' | 'wave' | 'attempt' | 'metric', unknown>>, readAt: Date | null): RawBuilder<unknown> {
  return sql`not coalesce((select m.read_at > ${readAt}::timestamptz from measurement m
    where m.run = ${of.run} and m.wave = ${of.wave} and m.attempt = ${of.attempt} and m.metric = ${of.metric} order by m.id desc limit 1), false)`;
}

/** Values of metrics, and the write outcomes that one of them counts. */
export class Measurements {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Stores what was measured; `ageMs` is the age of what it was measured from, where that is older than the measuring. What began to be read (`readAt`)
   * before the last that was stored says nothing new, and is not stored.
   */
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
      readonly readAt?: Date;
      /** Every fault that stands now, by name; what is not among them any more is healed. Absent where nothing was read. */
      readonly names?: readonly string[];
    },
  ): Promise<void> {
    const names = value.names === undefined ? null : [...new Set(value.names)];
    // In one statement: what is healed and what is new are other names, and nobody sees the value without them.
    const statement = sql`with measured as (insert into measurement (run, wave, attempt, metric, rule_version, numerator, denominator, samples, error, read_at, at)
        select ${run}::text, ${wave}::text, ${attempt}::int, ${metric}::text, ${value.ruleVersion}::int, ${value.numerator}::bigint, ${value.denominator}::bigint,
          ${[...value.samples]}::text[], ${value.error}::text, ${value.readAt ?? null}::timestamptz, clock_timestamp() - make_interval(secs => ${(value.ageMs ?? 0) / 1000})
        where ${isNewest({ run, wave, attempt, metric }, value.readAt ?? null)} returning 1),
      healed as (update fault set healed_at = clock_timestamp() where run = ${run} and wave = ${wave} and attempt = ${attempt} and metric = ${metric}
        and healed_at is null and name <> all(${names}::text[]) and exists (select 1 from measured))
      insert into fault (run, wave, attempt, metric, name)
      select ${run}::text, ${wave}::text, ${attempt}::int, ${metric}::text, n from unnest(${names}::text[]) n where exists (select 1 from measured) order by n
      on conflict (run, wave, attempt, metric, name) where healed_at is null do nothing`;
    await inTurn(this.#db, storing(run, metric), (tx) => statement.execute(tx));
  }

  /** Standing faults of a metric: how many a guard's answered breaches have accepted by name, and how many nobody has. */
  async faults(
    run: string,
    wave: string,
    attempt: number,
    metric: string,
    guard: string,
  ): Promise<{ readonly accepted: number; readonly fresh: number }> {
    const { rows } = await sql<{ accepted: number; fresh: number }>`select count(*) filter (where ${guard} = any(accepted_by)) as accepted,
        count(*) filter (where ${guard} <> all(accepted_by)) as fresh
      from fault where run = ${run} and wave = ${wave} and attempt = ${attempt} and metric = ${metric} and healed_at is null`.execute(
      this.#db,
    );
    return rows[0] ?? { accepted: 0, fresh: 0 };
  }

  /** Newest measurement of a metric. */
  async latest(run: string, wave: string, attempt: number, metric: string): Promise<MeasurementRow | null> {
    const { rows } =
      await sql<MeasurementRow>`select id, metric, numerator, denominator, samples, error, at, (extract(epoch from clock_timestamp() - at) * 1000)::float8 as "ageMs"
      from measurement where run = ${run} and wave = ${wave} and attempt = ${attempt} and metric = ${metric} and error is null order by id desc limit 1`.execute(
        this.#db,
      );
    return rows[0] ?? null;
  }

  /**
   * Write outcomes of a wave attempt: of each record its first outcome of each kind of act (create, update, activate, pointer), never healed by a later
   * one. What is no failure of the record does not count, nor does a batch refused for one of its rows: the row is asked again alone. A write of which
   * nobody can tell the outcome is a failure. Undos count in no rate: what they could not do is an exception of its own. `attempt` null: those of the
   * present attempt of every wave, each by itself.
   */
  async writeOutcomes(
    run: string,
    attempt: { readonly wave: string; readonly attempt: number } | null,
  ): Promise<{ readonly total: number; readonly failed: readonly string[] }> {
    const which =
      attempt === null
        ? sql`exists (select 1 from wave w where w.run = l.run and w.name = l.wave and w.attempt = l.attempt)`
        : sql`l.wave = ${attempt.wave} and l.attempt = ${attempt.attempt}`;
    const { rows } = await sql<{ total: number; failed: readonly string[] }>`
      with written as (select e.id, e.n, e.wave, e.system, e.object, e.source_id, e.closed, e.closed_at,
          case when l.kind = 'switch' and e.operation = 'update' then 'pointer' when e.operation in ('create', 'activate') then e.operation else 'update' end as act
        from lane l join effect e on e.lane = l.id where l.run = ${run} and ${which} and l.kind in ('load', 'switch')),
      call_of as (select id, n, wave, system, object, source_id, act, closed, closed_at from written
        union all select w.id, c.n, w.wave, w.system, w.object, w.source_id, w.act, c.closed, c.closed_at from written w join call c on c.effect = w.id where w.n > 1),
      closed as (select * from call_of c where c.closed in ('applied', 'unchanged', 'rejected', 'ambiguous') and not (c.closed = 'rejected'
        and exists (select 1 from failure f where f.effect = c.id and f.n = c.n and f.kind = any(${[...blamelessKinds, batchKind]})))),
      outcome as (select distinct on (wave, system, object, source_id, act) object || ' ' || source_id || case when act in ('create', 'update') then '' else ' (' || act || ')' end as record, closed
        from closed order by wave, system, object, source_id, act, closed_at)
      select count(*) as total, coalesce(array_agg(record order by record) filter (where closed in ('rejected', 'ambiguous')), '{}') as failed from outcome`.execute(
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
