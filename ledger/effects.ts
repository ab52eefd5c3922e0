import { sql } from 'kysely';
import { everAppliedStatuses, standingStatuses, type EffectStatus, type UndoEnd } from '../domain/effects/outcome.ts';
import type { SeenRecord } from '../domain/effects/verdict.ts';
import type { Left } from '../domain/rollback/left.ts';
import { batchKind } from './calls.ts';
import type { Database } from './database.ts';
import { effectColumns, plainColumns, unsealEffect, type EffectRow, type PlainEffect, type SealedEffect } from './effect-row.ts';
import { tableOf } from './rows.ts';
import { seal } from './sealed.ts';

/** Effects of one page. */
const pageSize = 1_000;

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

  /** Effects of a lane, in the order they were intended; open ones included. */
  async ofLane(lane: number): Promise<readonly EffectRow[]> {
    const { rows } = await sql<SealedEffect>`select ${effectColumns} from effect e where e.lane = ${lane} order by e.ordinal`.execute(
      this.#db,
    );
    return rows.map(unsealEffect);
  }

  /** Records that a lane wrote and that were not read back yet. */
  async unread(lane: number): Promise<readonly { readonly id: string; readonly targetId: string }[]> {
    const { rows } = await sql<{ id: string; targetId: string }>`select id, target_id as "targetId" from effect
      where lane = ${lane} and status = 'applied' and after_image is null and target_id is not null and operation <> 'delete' order by ordinal`.execute(
      this.#db,
    );
    return rows;
  }

  /** Effects of a wave attempt on these target records of one object, in the order they were intended. */
  async ofTargets(run: string, wave: string, attempt: number, object: string, targetIds: readonly string[]): Promise<readonly EffectRow[]> {
    const { rows } = await sql<SealedEffect>`select ${effectColumns} from effect e
      where e.run = ${run} and e.wave = ${wave} and e.attempt = ${attempt} and e.object = ${object} and e.target_id = any(${[...targetIds]}) order by e.ordinal`.execute(
      this.#db,
    );
    return rows.map(unsealEffect);
  }

  /** Of these target records the ones in which an effect of the same attempt ended as kept or irreversible. */
  async keptAmong(
    { scope, system, targetObject, run, wave, attempt }: Omit<EffectRow, 'id'>,
    targetIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ id: string }>`select distinct target_id as id from effect
      where scope = ${scope} and system = ${system} and target_object = ${targetObject} and target_id = any(${[...targetIds]})
        and run = ${run} and wave = ${wave} and attempt = ${attempt} and status in ('kept', 'irreversible')`.execute(this.#db);
    return new Set(rows.map(({ id }) => id));
  }

  /** Target records in which effects of a wave attempt stand, those written first in front, each under the object that wrote it first. */
  async standingTargets(
    run: string,
    wave: string,
    attempt: number,
  ): Promise<readonly { readonly object: string; readonly targetId: string }[]> {
    const { rows } = await sql<{ object: string; targetId: string }>`
      select (array_agg(object order by ordinal))[1] as object, target_id as "targetId" from effect
      where run = ${run} and wave = ${wave} and attempt = ${attempt} and undoes is null and target_id is not null and status = any(${standingStatuses})
      group by system, target_object, target_id order by min(ordinal)`.execute(this.#db);
    return rows;
  }

  /** Creates of a wave attempt that had an intent, page by page in the order they were intended. */
  async *creates(run: string, wave: string, attempt: number): AsyncGenerator<readonly EffectRow[]> {
    let after = 0;
    for (;;) {
      const { rows } = await sql<SealedEffect & { ordinal: number }>`select ${effectColumns}, e.ordinal from effect e
        where e.run = ${run} and e.wave = ${wave} and e.attempt = ${attempt} and e.operation = 'create' and e.ordinal > ${after}
        order by e.ordinal limit ${pageSize}`.execute(this.#db);
      if (rows.length > 0) yield rows.map(unsealEffect);
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageSize) return;
      after = last.ordinal;
    }
  }

  /** How many forward effects of a wave attempt ended in each way. */
  async ends(run: string, wave: string, attempt: number): Promise<ReadonlyMap<EffectStatus, number>> {
    const { rows } = await sql<{ status: EffectStatus; count: number }>`select status, count(*) from effect
      where run = ${run} and wave = ${wave} and attempt = ${attempt} and undoes is null group by status`.execute(this.#db);
    return new Map(rows.map(({ status, count }) => [status, count]));
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

  /** The ends of effects that rollback dealt with; one that does not stand is left as it is. */
  async setEnds(ends: readonly { readonly id: string; readonly status: UndoEnd; readonly reason: string }[]): Promise<void> {
    await sql`update effect e set status = r.status, reason = r.reason from ${tableOf(ends, 'id text, status text, reason text')}
      where e.id = r.id and e.status = any(${standingStatuses})`.execute(this.#db);
  }

  /** A search found a record of this effect standing after all: it counts as applied there, until it is undone. Nothing once its attempt is over. */
  async reopen(id: string, targetId: string): Promise<void> {
    await sql`update effect set status = 'applied', target_id = ${targetId}, after_image = null, reason = 'found by the search after a rollback' where id = ${id}
      and exists (select 1 from wave w where w.run = effect.run and w.name = effect.wave and w.attempt = effect.attempt and w.state = 'undoing')`.execute(
      this.#db,
    );
  }
}
