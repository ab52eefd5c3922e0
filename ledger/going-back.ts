import { sql } from 'kysely';
import { leftStatuses, standingStatuses } from '../domain/effects/outcome.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { priceOfGoingBack, type Price } from '../domain/rollback/price.ts';
import type { Database } from './database.ts';
import { inTurn } from './in-turn.ts';
import { isNewest, storing } from './measurements.ts';
import { tableOf } from './rows.ts';

/** Name under which the count of orders entered in the new system stands among the measurements. */
const metric = 'ordersToRekey';

/** What the price needs of a plan: its rate, and which of its objects are documents. */
interface PricedPlan {
  readonly objects: readonly Pick<Plan['objects'][number], 'name' | 'activate'>[];
  readonly rollback: Pick<Plan['rollback'], 'minutesPerHundredEffects'>;
}

/** A count of what people have entered in the new system. */
interface LastCount {
  readonly ageMs: number;
  readonly tookMs: number;
}

/** What a rollback from now on would have to do: counted here for everybody who tells the price. */
export class GoingBack {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Stores how many documents people have entered in the new system for each of these switched waves, read from `readAt` on; a count that slept past a newer
   * one is not stored. Who has no credentials there reads it here.
   */
  async noteOrders(
    run: string,
    counted: readonly { readonly wave: string; readonly attempt: number; readonly orders: number }[],
    readAt: Date,
  ): Promise<void> {
    const statement = sql`insert into measurement (run, wave, attempt, metric, rule_version, numerator, denominator, read_at)
      select ${run}, r.wave, r.attempt, ${metric}, 1, r.orders, r.orders, ${readAt}::timestamptz from ${tableOf(counted, 'wave text, attempt int, orders bigint')}
      where ${isNewest({ run, wave: sql`r.wave`, attempt: sql`r.attempt`, metric }, readAt)} order by r.place`;
    await inTurn(this.#db, storing(run, metric), (tx) => statement.execute(tx));
  }

  /** How old a wave attempt's last count is, and how long it took (ms); null before the first. */
  async lastCount(run: string, wave: string, attempt: number): Promise<LastCount | null> {
    const { rows } = await sql<LastCount>`select (extract(epoch from clock_timestamp() - at) * 1000)::float8 as "ageMs",
        coalesce((extract(epoch from at - read_at) * 1000)::float8, 0) as "tookMs"
      from measurement where run = ${run} and wave = ${wave} and attempt = ${attempt} and metric = ${metric} order by id desc limit 1`.execute(
      this.#db,
    );
    return rows[0] ?? null;
  }

  /** How many records the run has written that still stand, by the objects of their systems: what a rollback would have to take back. */
  async standing(run: string): Promise<readonly { readonly system: string; readonly object: string; readonly records: number }[]> {
    const { rows } = await sql<{
      readonly system: string;
      readonly object: string;
      readonly records: number;
    }>`select e.system, e.target_object as object, count(distinct (e.object, e.source_id)) as records
      from wave w join lane l on l.run = w.run and l.wave = w.name and l.attempt = w.attempt join effect e on e.lane = l.id
      where w.run = ${run} and e.status = any(${standingStatuses}) and e.undoes is null and l.kind <> 'probe' group by 1, 2`.execute(
      this.#db,
    );
    return rows;
  }

  /**
   * The price of taking back one wave, or (null) the whole run, by the plan's rate. Documents that remain are those that this attempt activated, and
   * those that an earlier rollback, of this run or another, had to leave and this attempt took over. Canaries have undone themselves.
   */
  async price(run: string, wave: string | null, plan: PricedPlan): Promise<Price> {
    const within = sql`w.run = ${run} and (${wave}::text is null or w.name = ${wave})`;
    const documents = plan.objects.filter(({ activate }) => activate).map(({ name }) => name);
    const effects = await sql<{
      undo: number;
      remain: number;
    }>`select count(*) as undo, count(*) filter (where e.operation = 'activate') as remain
      from wave w join lane l on l.run = w.run and l.wave = w.name and l.attempt = w.attempt join effect e on e.lane = l.id
      where ${within} and e.status = any(${standingStatuses}) and e.undoes is null and l.kind <> 'probe'`.execute(this.#db);
    // What was left is looked for first, by itself: mostly there is nothing, and nothing more is asked.
    const taken = await sql<{ remain: number }>`with abandoned as materialized (
        select distinct e.scope, e.system, e.object, e.source_id, e.target_id
        from run r join run before on before.scope = r.scope join wave v on v.run = before.id
        join effect e on e.run = v.run and e.wave = v.name and e.status = any(${leftStatuses}) and e.undoes is null and e.object = any(${documents})
        where r.id = ${run}),
      taken as materialized (select distinct c.id, c.scope, c.system, c.object, c.source_id, c.target_id, c.wave
        from abandoned a join crosswalk c on c.scope = a.scope and c.object = a.object and c.source_id = a.source_id and c.system = a.system
          and c.target_id = a.target_id and c.state = 'live' and c.run = ${run})
      select count(*) as remain from taken c join wave w on w.name = c.wave
      where ${within} and not exists (select 1 from effect a where a.scope = c.scope and a.system = c.system and a.object = c.object
        and a.source_id = c.source_id and a.target_id = c.target_id and a.run = w.run and a.wave = w.name and a.attempt = w.attempt
        and a.operation = 'activate' and a.status = any(${standingStatuses}) and a.undoes is null)`.execute(this.#db);
    const orders = await sql<{ orders: number; at: Date | null; uncounted: number }>`
      select coalesce(sum(m.numerator), 0)::bigint as orders, min(m.at) as at, count(*) filter (where m.at is null) as uncounted
      from wave w left join lateral (select numerator, at from measurement where run = w.run and wave = w.name and attempt = w.attempt and metric = ${metric}
        order by id desc limit 1) m on true
      where ${within} and w.state = 'switched'`.execute(this.#db);
    const { undo = 0, remain = 0 } = effects.rows[0] ?? {};
    const counted = orders.rows[0];
    return priceOfGoingBack({
      effectsToUndo: undo,
      documentsThatRemain: remain + (taken.rows[0]?.remain ?? 0),
      ordersToRekey: counted === undefined || counted.uncounted > 0 ? null : counted.orders,
      ordersCountedMs: counted?.at?.getTime() ?? null,
      minutesPerHundredEffects: plan.rollback.minutesPerHundredEffects,
      callsReserved: null,
      nowMs: Date.now(),
      windowEndsMs: null,
    });
  }
}
