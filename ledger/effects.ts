import { sql, type RawBuilder } from 'kysely';
import { everAppliedStatuses, leftStatuses, standingStatuses, type EffectStatus, type UndoEnd } from '../domain/effects/outcome.ts';
import type { SeenRecord } from '../domain/effects/verdict.ts';
import type { Left } from '../domain/rollback/left.ts';
import { batchKind } from './calls.ts';
import type { Database } from './database.ts';
import {
  blockOf,
  createColumns,
  effectColumns,
  isUnread,
  plainColumns,
  unsealEffect,
  type CreateRow,
  type EffectRow,
  type PlainEffect,
  type ProvableCreate,
  type SealedEffect,
} from './effect-row.ts';
import { linesOf, tableOf } from './rows.ts';
import { seal, unsealFields, unsealImage } from './sealed.ts';
import type { LaneToken } from './tokens.ts';

/** Effects of one page. */
const pageSize = 1_000;

/** How many keys are named of what was left for one reason. */
const namedKeys = 20;

/** A write that a system refused. */
export interface Refusal extends Pick<EffectRow, 'object' | 'sourceId' | 'system' | 'operation'> {
  readonly reason: string;
}

/** An effect whose record was not read back yet. */
export type UnreadEffect = Pick<EffectRow, 'id' | 'lane' | 'intendedAt'> & { readonly targetId: string };

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

  /**
   * Records of these keys that were written and not read back yet: by this lane, or by one of the same object and attempt that did not come to its end,
   * as where it is called no more. Lanes that were planned with this one have other keys: they begin at the same id.
   */
  async unread(lane: number, keys: readonly string[]): Promise<readonly UnreadEffect[]> {
    const { rows } = await sql<UnreadEffect>`select e.id, e.lane, e.target_id as "targetId", e.intended_at as "intendedAt"
      from lane own join lane l on l.id = own.id or (l.run = own.run and l.wave = own.wave and l.attempt = own.attempt and l.object = own.object
        and l.kind in ('load', 'switch') and l.done_at is null and l.id - l.ordinal <> own.id - own.ordinal)
      join effect e on e.lane = l.id
      where own.id = ${lane} and (l.id = own.id or e.source_id = any(${[...keys]})) and ${isUnread} order by e.ordinal`.execute(this.#db);
    return rows;
  }

  /** These target records of one object, of those that were listed for the rollback of a wave attempt; in the order in which they are named. */
  async listedAmong(
    { run, wave, attempt, object }: Attempt & Pick<EffectRow, 'object'>,
    targetIds: readonly string[],
  ): Promise<readonly ListedTarget[]> {
    const ids = [...targetIds];
    const { rows } = await sql<ListedTarget>`select t.system, t.target_id as "targetId", min(t.source_id) as "sourceId" from undo_target t
      where t.run = ${run} and t.wave = ${wave} and t.attempt = ${attempt} and t.object = ${object} and t.target_id = any(${ids})
      group by 1, 2 order by array_position(${ids}::text[], t.target_id)`.execute(this.#db);
    return rows;
  }

  /** Effects of a wave attempt on these target records of one object, which were listed for its rollback; in the order they were intended. */
  async ofTargets(run: string, wave: string, attempt: number, object: string, targetIds: readonly string[]): Promise<readonly EffectRow[]> {
    const { rows } = await sql<SealedEffect>`select ${effectColumns} from ${listed({ run, wave, attempt })}
      and t.target_id = any(${[...targetIds]}) and e.object = ${object} order by e.ordinal`.execute(this.#db);
    return rows.map(unsealEffect);
  }

  /** Of these target records the ones in which an effect of the same attempt ended as kept or irreversible. */
  async keptAmong(
    { system, targetObject, ...attempt }: Attempt & Pick<EffectRow, 'system' | 'targetObject'>,
    targetIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ id: string }>`select distinct t.target_id as id from ${listed(attempt)}
      and t.target_id = any(${[...targetIds]}) and t.system = ${system} and t.target_object = ${targetObject} and e.status = any(${leftStatuses})`.execute(
      this.#db,
    );
    return new Set(rows.map(({ id }) => id));
  }

  /**
   * Lists the target records of a wave attempt that are to be taken back, all or those of some accounts. Returns those in which effects of it stand,
   * those written first in front, each under the object that wrote it first.
   */
  async listTargets(
    run: string,
    wave: string,
    attempt: number,
    accounts: readonly string[] | null = null,
  ): Promise<readonly { readonly object: string; readonly targetId: string }[]> {
    const some =
      accounts === null
        ? sql`true`
        : sql`exists (select 1 from record r where r.scope = e.scope and r.object = e.object and r.source_id = e.source_id and r.latest and r.account = any(${[...accounts]}))`;
    const own = sql`${ofAttempt({ run, wave, attempt })} and e.undoes is null and e.target_id is not null and ${some}`;
    await sql`insert into undo_target (run, wave, attempt, system, target_object, target_id, object, source_id)
      select distinct e.run, e.wave, e.attempt, e.system, e.target_object, e.target_id, e.object, e.source_id from ${own} on conflict do nothing`.execute(
      this.#db,
    );
    const { rows } = await sql<{ object: string; targetId: string }>`
      select (array_agg(e.object order by e.ordinal))[1] as object, e.target_id as "targetId" from ${own} and e.status = any(${standingStatuses})
      group by e.system, e.target_object, e.target_id order by min(e.ordinal)`.execute(this.#db);
    return rows;
  }

  /** Creates of a wave attempt that had an intent, page by page, those of one lane together in the order they were intended. */
  async *creates(run: string, wave: string, attempt: number): AsyncGenerator<readonly CreateRow[]> {
    const lanes = await sql<{
      id: number;
    }>`select id from lane where run = ${run} and wave = ${wave} and attempt = ${attempt} order by id`.execute(this.#db);
    for (const { id } of lanes.rows) yield* this.#createsOf(id);
  }

  /** How many creates of a wave attempt had an intent. */
  async countCreates(run: string, wave: string, attempt: number): Promise<number> {
    const { rows } = await sql<{ creates: number }>`select count(*) as creates from lane l join effect e on e.lane = l.id
      where l.run = ${run} and l.wave = ${wave} and l.attempt = ${attempt} and e.operation = 'create'`.execute(this.#db);
    return rows[0]?.creates ?? 0;
  }

  async *#createsOf(lane: number): AsyncGenerator<readonly CreateRow[]> {
    let after = 0;
    for (;;) {
      const rows = await this.#createRows(sql`e.lane = ${lane} and e.ordinal > ${after} order by e.ordinal limit ${pageSize}`);
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageSize) return;
      after = last.ordinal;
    }
  }

  /** Creates of a lane that stand in the target, those aside whose last call was made under this claim of it. */
  standingCreates({ lane, token }: Pick<LaneToken, 'lane' | 'token'>): Promise<readonly CreateRow[]> {
    return this.#createRows(sql`e.lane = ${lane} and e.token <> ${token} and e.status = any(${standingStatuses}) order by e.ordinal`);
  }

  async #createRows(which: RawBuilder<unknown>): Promise<readonly (CreateRow & { readonly ordinal: number })[]> {
    const { rows } = await sql<Omit<CreateRow, 'fields'> & { readonly fields: string; readonly ordinal: number }>`
      select ${createColumns}, e.fields, e.ordinal from effect e where e.operation = 'create' and ${which}`.execute(this.#db);
    return rows.map((row) => ({ ...row, fields: unsealFields(row.fields) }));
  }

  /** Creates by their ids, as far as the proof that a record is of one of them needs them. */
  async provable(ids: readonly string[]): Promise<readonly ProvableCreate[]> {
    if (ids.length === 0) return [];
    const { rows } = await sql<ProvableCreate>`select ${createColumns}, e.run, e.wave, e.first_intended_at as "firstIntendedAt"
      from effect e where e.operation = 'create' and e.id = any(${[...ids]}) order by e.ordinal`.execute(this.#db);
    return rows;
  }

  /** How many forward effects of a wave attempt ended in each way. */
  async ends(run: string, wave: string, attempt: number): Promise<ReadonlyMap<EffectStatus, number>> {
    const { rows } = await sql<{ status: EffectStatus; count: number }>`select e.status, count(*) from ${ofAttempt({ run, wave, attempt })}
      and e.undoes is null group by e.status`.execute(this.#db);
    return new Map(rows.map(({ status, count }) => [status, count]));
  }

  /** All effects that ever stood in these records, oldest first, of any wave or run. */
  async history(scope: string, system: string, object: string, keys: readonly string[]): Promise<readonly EffectRow[]> {
    const { rows } =
      await sql<SealedEffect>`select ${effectColumns} from effect e where e.scope = ${scope} and e.system = ${system} and e.object = ${object} and e.source_id = any(${keys})
      and e.status = any(${everAppliedStatuses}) order by e.ordinal`.execute(this.#db);
    return rows.map(unsealEffect);
  }

  /** Of these records those of which an attempt before the present one of its wave, or an earlier run, sent a create whose outcome nobody can tell. */
  async lostCreates(run: string, scope: string, system: string, object: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ sourceId: string }>`select distinct e.source_id as "sourceId" from effect e
      left join wave w on w.run = e.run and w.name = e.wave
      where e.scope = ${scope} and e.system = ${system} and e.object = ${object} and e.source_id = any(${[...keys]})
        and e.operation = 'create' and e.status = 'ambiguous' and (e.run <> ${run} or e.attempt is distinct from w.attempt)`.execute(
      this.#db,
    );
    return new Set(rows.map(({ sourceId }) => sourceId));
  }

  /** Of each of these records the effect with the highest revision in a system, whatever became of it, by source id; absent before the first. */
  async newest(scope: string, system: string, object: string, keys: readonly string[]): Promise<ReadonlyMap<string, PlainEffect>> {
    const { rows } = await sql<PlainEffect>`select distinct on (e.source_id) ${plainColumns} from effect e
      where e.scope = ${scope} and e.system = ${system} and e.object = ${object} and e.source_id = any(${[...keys]})
      order by e.source_id, e.revision desc`.execute(this.#db);
    return new Map(rows.map((row) => [row.sourceId, row]));
  }

  /** The records before these effects, by effect id; those that had none are absent. */
  async beforesOf(ids: readonly string[]): Promise<ReadonlyMap<string, SeenRecord>> {
    if (ids.length === 0) return new Map();
    const { rows } = await sql<{ id: string; before: string }>`select id, before_image as before from effect
      where id = any(${[...ids]}) and before_image is not null`.execute(this.#db);
    return new Map(rows.map(({ id, before }) => [id, unsealImage(before)]));
  }

  /** What a rolled back attempt of a wave left in the target, by object and reason, with the first keys of each. */
  async leftOf(run: string, wave: string, attempt: number): Promise<readonly Left[]> {
    const { rows } = await sql<Left>`
      select e.object, coalesce(e.reason, 'No reason was written down.') as reason, count(distinct e.source_id)::int as records,
        (array_agg(distinct e.source_id))[1:${sql.lit(namedKeys)}] as keys
      from ${ofAttempt({ run, wave, attempt })} and e.undoes is null and e.status = any(${leftStatuses})
      group by 1, 2 order by 1, 2`.execute(this.#db);
    return rows;
  }

  /**
   * What the systems refused in an attempt of a wave, in their own words: receipts are facts, whatever became of the lane they came to. A record
   * that was only refused together with others is not among them.
   */
  async refusalsOf(run: string, wave: string, attempt: number): Promise<readonly Refusal[]> {
    const { rows } = await sql<Refusal>`
      select e.object, e.source_id as "sourceId", e.system, e.operation, coalesce(e.reason, 'it gave no reason') as reason
      from ${ofAttempt({ run, wave, attempt })} and e.undoes is null and e.status = 'rejected'
        and exists (select 1 from failure f where f.effect = e.id and f.outcome = 'rejected' and f.kind is distinct from ${batchKind})
      order by e.ordinal`.execute(this.#db);
    return rows;
  }

  /** Stores after-images: the records as read back, those of neighbouring effects together. */
  async setAfter(images: readonly { readonly id: string; readonly after: SeenRecord }[]): Promise<void> {
    if (images.length === 0) return;
    const sealed = images.map(({ after }) => seal(after));
    await sql`insert into image (block, ordinals, sealed) select ${blockOf}, array_agg(e.ordinal order by e.ordinal), array_agg(s.text order by e.ordinal)
      from ${tableOf(images, 'id text')} join ${linesOf('s', sealed)} on s.number = r.place + 1 join effect e on e.id = r.id group by 1 order by 1`.execute(
      this.#db,
    );
  }

  /**
   * A search found a record of this effect standing after all: it counts as applied there, until it is undone. False, and nothing, once its attempt is over,
   * or where the way back went on behind the act of this number, by which the search was allowed: what it saw is old.
   */
  async reopen(id: string, targetId: string, order: number | null = null): Promise<boolean> {
    const { rows } =
      await sql`with found as (update effect e set status = 'applied', target_id = ${targetId}, reason = 'found by the search after a rollback' where id = ${id}
        and exists (select 1 from wave w where w.run = e.run and w.name = e.wave and w.attempt = e.attempt and w.state = 'undoing')
        and not exists (select 1 from act a where a.run = e.run and a.wave = e.wave and a.kind = 'takeBack' and a.number > ${order}::bigint) returning e.ordinal),
      image as (update image i set ordinals = array_replace(i.ordinals, e.ordinal, 0) from found e where i.block = ${blockOf})
      select 1 from found`.execute(this.#db);
    return rows.length > 0;
  }
}

/** How an effect ended that rollback dealt with. */
export interface EffectEnd {
  readonly id: string;
  readonly status: UndoEnd;
  readonly reason: string;
}

/** Brings effects to their ends; one that does not stand is left as it is. */
export async function endEffects(db: Database, ends: readonly EffectEnd[]): Promise<void> {
  await sql`update effect e set status = r.status, reason = r.reason from ${tableOf(ends, 'id text, status text, reason text')}
    where e.id = r.id and e.status = any(${standingStatuses})`.execute(db);
}

/** A target record that a rollback is to take back, and the source record it stands for. */
export type ListedTarget = Pick<EffectRow, 'system' | 'sourceId'> & { readonly targetId: string };

/** Which attempt of a wave. */
type Attempt = Pick<EffectRow, 'run' | 'wave' | 'attempt'>;

/** From effects `e` of a wave attempt, by way of its lanes; conditions may follow. */
export const ofAttempt = ({ run, wave, attempt }: Attempt): RawBuilder<unknown> =>
  sql`lane l join effect e on e.lane = l.id where l.run = ${run} and l.wave = ${wave} and l.attempt = ${attempt}`;

/** From target records `t` listed for the rollback of a wave attempt, with its effects `e` on them; conditions may follow. */
const listed = ({ run, wave, attempt }: Attempt): RawBuilder<unknown> =>
  sql`undo_target t join effect e on e.source_id = t.source_id and e.target_object = t.target_object and e.system = t.system and e.object = t.object
      and e.target_id = t.target_id and e.run = t.run and e.wave = t.wave and e.attempt = t.attempt
    where t.run = ${run} and t.wave = ${wave} and t.attempt = ${attempt}`;
