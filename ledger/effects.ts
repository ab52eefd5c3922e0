import { sql } from 'kysely';
import { everAppliedStatuses, standingStatuses, type UndoEnd } from '../domain/effects/outcome.ts';
import type { SeenRecord } from '../domain/effects/verdict.ts';
import type { Left } from '../domain/rollback/left.ts';
import { batchKind } from './calls.ts';
import type { Database } from './database.ts';
import { effectColumns, plainColumns, unsealEffect, type EffectRow, type PlainEffect, type SealedEffect } from './effect-row.ts';
import { tableOf } from './rows.ts';
import { seal } from './sealed.ts';

/** How many keys are named of what was left for one reason. */
const namedKeys = 20;

/** A write that a system refused. */
export interface Refusal extends Pick<EffectRow, 'object' | 'sourceId' | 'system' | 'operation'> {
  readonly reason: string;
}

/** Effects as they stand, with what became of them. */
export class Effects {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Effects of a wave, in the order they were intended; `open` ones included. */
  async ofWave(run: string, wave: string, attempt: number): Promise<readonly EffectRow[]> {
    const { rows } =
      await sql<SealedEffect>`select ${effectColumns} from effect e where e.run = ${run} and e.wave = ${wave} and e.attempt = ${attempt} order by e.ordinal`.execute(
        this.#db,
      );
    return rows.map(unsealEffect);
  }

  async ofLane(lane: number): Promise<readonly EffectRow[]> {
    const { rows } = await sql<SealedEffect>`select ${effectColumns} from effect e where e.lane = ${lane} order by e.ordinal`.execute(
      this.#db,
    );
    return rows.map(unsealEffect);
  }

  /** All effects that ever stood in these records, oldest first, of any wave or run. */
  async history(scope: string, system: string, object: string, keys: readonly string[]): Promise<readonly EffectRow[]> {
    const { rows } =
      await sql<SealedEffect>`select ${effectColumns} from effect e where e.scope = ${scope} and e.system = ${system} and e.object = ${object} and e.source_id = any(${keys})
      and e.status = any(${everAppliedStatuses}) order by e.ordinal`.execute(this.#db);
    return rows.map(unsealEffect);
  }

  /** Of each of these records the effect with the highest revision in a system, whatever became of it, by source id; absent before the first. */
  async newest(scope: string, system: string, object: string, keys: readonly string[]): Promise<ReadonlyMap<string, PlainEffect>> {
    const { rows } = await sql<PlainEffect>`select distinct on (e.source_id) ${plainColumns} from effect e
      where e.scope = ${scope} and e.system = ${system} and e.object = ${object} and e.source_id = any(${[...keys]})
      order by e.source_id, e.revision desc`.execute(this.#db);
    return new Map(rows.map((row) => [row.sourceId, row]));
  }

  /** What a rolled back attempt of a wave left in the target, by object and reason, with the first keys of each. */
  async leftOf(run: string, wave: string, attempt: number): Promise<readonly Left[]> {
    const { rows } = await sql<Left>`
      select object, coalesce(reason, 'No reason was written down.') as reason, count(distinct source_id)::int as records,
        (array_agg(distinct source_id))[1:${sql.lit(namedKeys)}] as keys
      from effect where run = ${run} and wave = ${wave} and attempt = ${attempt} and undoes is null and status in ('kept', 'irreversible')
      group by 1, 2 order by 1, 2`.execute(this.#db);
    return rows;
  }

  /**
   * What the systems refused in an attempt of a wave, in their own words: receipts are facts, whatever became of the lane they came to. A record
   * that was only refused together with others is not among them.
   */
  async refusalsOf(run: string, wave: string, attempt: number): Promise<readonly Refusal[]> {
    const { rows } = await sql<Refusal>`
      select object, source_id as "sourceId", system, operation, coalesce(reason, 'it gave no reason') as reason
      from effect e where run = ${run} and wave = ${wave} and attempt = ${attempt} and undoes is null and status = 'rejected'
        and exists (select 1 from receipt r where r.effect = e.id and r.outcome = 'rejected' and r.kind is distinct from ${batchKind})
      order by ordinal`.execute(this.#db);
    return rows;
  }

  /** Stores after-images: the records as read back. */
  async setAfter(images: readonly { readonly id: string; readonly after: SeenRecord }[]): Promise<void> {
    if (images.length === 0) return;
    const sealed = images.map(({ id, after }) => ({ id, after: seal(after) }));
    await sql`update effect e set after_image = r.after from ${tableOf(sealed, 'id text, after text')} where e.id = r.id`.execute(this.#db);
  }

  /** The end of an effect that rollback dealt with; one that does not stand is left as it is. */
  async setEnd(id: string, status: UndoEnd, reason: string): Promise<void> {
    await sql`update effect set status = ${status}, reason = ${reason} where id = ${id} and status = any(${standingStatuses})`.execute(
      this.#db,
    );
  }

  /** A search found a record of this effect standing after all: it counts as applied there, until it is undone. Nothing once its attempt is over. */
  async reopen(id: string, targetId: string): Promise<void> {
    await sql`update effect set status = 'applied', target_id = ${targetId}, after_image = null, reason = 'found by the search after a rollback' where id = ${id}
      and exists (select 1 from wave w where w.run = effect.run and w.name = effect.wave and w.attempt = effect.attempt and w.state = 'undoing')`.execute(
      this.#db,
    );
  }
}
