import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { SealedEffect } from './effect-row.ts';
import { tokenLoss, type LaneToken } from './tokens.ts';
import { forgetTarget, releaseTarget, reserveTargets, type SourceName } from './owners.ts';

export interface CrosswalkRow {
  readonly id: number;
  readonly object: string;
  readonly sourceId: string;
  readonly system: string;
  readonly targetObject: string;
  readonly targetId: string;
  readonly origin: 'created' | 'matched' | 'adopted';
  readonly state: 'live' | 'deactivated' | 'kept' | 'undoing' | 'retired';
  /** False where another source record owns the target record: then this one only refers to it and is never written. */
  readonly owner: boolean;
  readonly liveEffect: string | null;
  readonly contentHash: string | null;
  readonly run: string;
  readonly wave: string;
}

const columns = sql`id, object, source_id as "sourceId", system, target_object as "targetObject", target_id as "targetId", origin, state, owner, live_effect as "liveEffect", content_hash as "contentHash", run, wave`;

/** Source id and target id of each record, kept for the pair of systems and not for the run (P3). */
export class Crosswalk {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async bySource(scope: string, object: string, keys: readonly string[]): Promise<readonly CrosswalkRow[]> {
    const { rows } =
      await sql<CrosswalkRow>`select ${columns} from crosswalk where scope = ${scope} and object = ${object} and source_id = any(${keys}) and state <> 'retired'`.execute(
        this.#db,
      );
    return rows;
  }

  /** All rows of an object that still stand. */
  async ofObject(scope: string, object: string): Promise<readonly CrosswalkRow[]> {
    const { rows } =
      await sql<CrosswalkRow>`select ${columns} from crosswalk where scope = ${scope} and object = ${object} and state <> 'retired' order by source_id collate "C"`.execute(
        this.#db,
      );
    return rows;
  }

  async ofWave(scope: string, wave: string): Promise<readonly CrosswalkRow[]> {
    const { rows } =
      await sql<CrosswalkRow>`select ${columns} from crosswalk where scope = ${scope} and wave = ${wave} and state <> 'retired' order by object, source_id collate "C"`.execute(
        this.#db,
      );
    return rows;
  }

  async byTarget(scope: string, system: string, targetObject: string, ids: readonly string[]): Promise<readonly CrosswalkRow[]> {
    const { rows } =
      await sql<CrosswalkRow>`select ${columns} from crosswalk where scope = ${scope} and system = ${system} and target_object = ${targetObject} and target_id = any(${ids}) and state <> 'retired'`.execute(
        this.#db,
      );
    return rows;
  }

  /**
   * Records a match that needed no write: found, recognised, and now known by both ids. Where the target record stands for another source record
   * nothing is recorded and its owner is returned, unless `shares` lets this one refer to it beside its owner. `held` or `fenced` where the lane's token is gone.
   */
  async match(lane: LaneToken, match: Match): Promise<SourceName | 'held' | 'fenced' | null> {
    return this.#db.transaction().execute(async (tx) => {
      const loss = await tokenLoss(tx, lane);
      if (loss !== null) return loss;
      const row = { ...match, scope: lane.scope };
      const [other = null] = match.shares === 'always' ? [] : await reserveTargets(tx, [row]);
      if (other !== null && match.shares === 'never') return other;
      const owner = match.shares !== 'always' && other === null;
      await sql`insert into crosswalk (scope, run, wave, object, source_id, system, target_object, target_id, origin, owner, content_hash)
        values (${lane.scope}, ${lane.run}, ${lane.wave}, ${row.object}, ${row.sourceId}, ${row.system}, ${row.targetObject}, ${row.targetId}, 'matched', ${owner}, ${row.contentHash})
        on conflict do nothing`.execute(tx);
      return null;
    });
  }

  /** Changes the state of a row; a retired one gives its target record up. */
  async setState(id: number, state: CrosswalkRow['state']): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      const { rows } = await sql<
        CrosswalkRow & { scope: string }
      >`update crosswalk set state = ${state} where id = ${id} returning scope, ${columns}`.execute(tx);
      for (const row of state === 'retired' ? rows : []) await releaseTarget(tx, row);
    });
  }

  /** Puts a surviving row under the wave attempt that found it again; its content counts as it is. Says what took the lane's token where it is gone. */
  async takeOver(lane: LaneToken, id: number, contentHash: string | null): Promise<'held' | 'fenced' | null> {
    return this.#ofLane(
      lane,
      sql`update crosswalk set state = 'live', run = ${lane.run}, wave = ${lane.wave}, content_hash = ${contentHash} where id = ${id}`,
    );
  }

  /** Lets a row stand as an earlier attempt left it: its target record stands for the source record no more. Says what took the lane's token. */
  async keep(lane: LaneToken, id: number): Promise<'held' | 'fenced' | null> {
    return this.#ofLane(lane, sql`update crosswalk set state = 'kept' where id = ${id}`);
  }

  async #ofLane(lane: LaneToken, change: RawBuilder<unknown>): Promise<'held' | 'fenced' | null> {
    return this.#db.transaction().execute(async (tx) => {
      const loss = await tokenLoss(tx, lane);
      if (loss === null) await change.execute(tx);
      return loss;
    });
  }

  /** Leaves a row of an earlier attempt after a later one was undone: its content is what that earlier attempt wrote. */
  async backToKept(id: number, contentHash: string): Promise<void> {
    await sql`update crosswalk set state = 'kept', content_hash = ${contentHash} where id = ${id}`.execute(this.#db);
  }
}

/** A source record recognised in the target. */
export interface Match {
  readonly object: string;
  readonly sourceId: string;
  readonly system: string;
  readonly targetObject: string;
  readonly targetId: string;
  readonly contentHash: string | null;
  /** Whether it may stand beside the owner of the target record (the plan says that many map to one), or never owns it (a fallback). */
  readonly shares: 'never' | 'beside' | 'always';
}

type Tx = Transaction<unknown>;
/** What the crosswalk needs to know of an effect. */
type Following = Omit<SealedEffect, 'fields' | 'before' | 'after'>;

/** The row that stands for an effect's source record. */
function rowOf(effect: Following): RawBuilder<unknown> {
  return sql`scope = ${effect.scope} and object = ${effect.object} and source_id = ${effect.sourceId} and system = ${effect.system} and state <> 'retired'`;
}

/** Whether the source record of an effect already stands for another target record than this one. */
export async function namesOtherTarget(tx: Tx, effect: Following, targetId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from crosswalk where ${rowOf(effect)} and target_id <> ${targetId} for update`.execute(tx);
  return rows.length > 0;
}

/** Brings the crosswalk in line with an applied effect. */
export async function followEffect(tx: Tx, effect: Following & { readonly targetId: string }): Promise<void> {
  const mine = sql`${rowOf(effect)} and target_id = ${effect.targetId}`;
  if (effect.operation === 'delete') {
    await sql`update crosswalk set state = 'retired' where ${mine}`.execute(tx);
    await forgetTarget(tx, effect);
  } else if (effect.operation === 'reactivate' || (effect.operation === 'deactivate' && effect.undoes !== null)) {
    // A record retired after the switch stays the one its source means; only an undo takes it out of use.
    await sql`update crosswalk set state = ${effect.operation === 'deactivate' ? 'deactivated' : 'live'}, live_effect = ${effect.id} where ${mine}`.execute(
      tx,
    );
  } else if (effect.origin !== null) {
    const { rows } =
      await sql`insert into crosswalk (scope, object, source_id, system, target_object, target_id, origin, live_effect, content_hash, run, wave)
      values (${effect.scope}, ${effect.object}, ${effect.sourceId}, ${effect.system}, ${effect.targetObject}, ${effect.targetId}, ${effect.origin}, ${effect.id}, ${effect.contentHash}, ${effect.run}, ${effect.wave})
      on conflict (scope, object, source_id, system) where state <> 'retired' do update set live_effect = excluded.live_effect, content_hash = excluded.content_hash, state = 'live'
      where crosswalk.target_id = excluded.target_id returning 1`.execute(tx);
    if (rows.length === 0)
      throw new Error(`another target record was written down for ${effect.object} ${effect.sourceId} at the same moment`);
  } else if (effect.operation === 'update' && effect.undoes === null) {
    // Only a load brings the content of the source; a switch writes the pointer beside it.
    await sql`update crosswalk set live_effect = ${effect.id}, content_hash = ${effect.contentHash} where ${mine}
      and exists (select 1 from lane where id = ${effect.lane} and kind = 'load')`.execute(tx);
  }
}
