import { sql, type RawBuilder } from 'kysely';
import type { Database } from './database.ts';
import { tokenLoss, type LaneToken } from './tokens.ts';
import { releaseTargets, reserveTargets, type SourceName } from './owners.ts';
import { tableOf } from './rows.ts';

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

const columnsOf = (table: string): RawBuilder<unknown> => {
  const c = sql.ref(table);
  return sql`${c}.id, ${c}.object, ${c}.source_id as "sourceId", ${c}.system, ${c}.target_object as "targetObject", ${c}.target_id as "targetId", ${c}.origin, ${c}.state, ${c}.owner,
    ${c}.live_effect as "liveEffect", ${c}.content_hash as "contentHash", ${c}.run, ${c}.wave`;
};
const columns = columnsOf('crosswalk');

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

  /** Source keys of an object whose target records are live. */
  async liveKeys(scope: string, object: string): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{
      key: string;
    }>`select source_id as key from crosswalk where scope = ${scope} and object = ${object} and state = 'live'`.execute(this.#db);
    return new Set(rows.map(({ key }) => key));
  }

  /** All rows of an object that still stand. */
  async ofObject(scope: string, object: string): Promise<readonly CrosswalkRow[]> {
    const { rows } =
      await sql<CrosswalkRow>`select ${columns} from crosswalk where scope = ${scope} and object = ${object} and state <> 'retired' order by source_id collate "C"`.execute(
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
   * Records matches that needed no write: found, recognised, and now known by both ids. Where a target record stands for another source record nothing
   * is recorded and its owner is returned at the place of the match, unless `shares` lets this one refer to it beside its owner. `held` or `fenced`
   * where the lane's token is gone.
   */
  async match(lane: LaneToken, matches: readonly Match[]): Promise<readonly (SourceName | null)[] | 'held' | 'fenced'> {
    return this.#db.transaction().execute(async (tx) => {
      const loss = await tokenLoss(tx, lane);
      if (loss !== null) return loss;
      const wanted = matches.flatMap((match, place) => (match.shares === 'always' ? [] : [{ ...match, scope: lane.scope, place }]));
      const owners = new Map((await reserveTargets(tx, wanted)).map((owner, index) => [wanted[index]?.place, owner]));
      const refusedBy = (match: Match, place: number): SourceName | null => (match.shares === 'never' ? (owners.get(place) ?? null) : null);
      const rows = matches
        .map((match, place) => ({ ...match, owner: owners.get(place) === null, refused: refusedBy(match, place) !== null }))
        .filter(({ refused }) => !refused);
      await sql`insert into crosswalk (scope, run, wave, object, source_id, system, target_object, target_id, origin, owner, content_hash)
        select ${lane.scope}, ${lane.run}, ${lane.wave}, r.object, r."sourceId", r.system, r."targetObject", r."targetId", 'matched', r.owner, r."contentHash"
        from ${tableOf(rows, 'object text, "sourceId" text, system text, "targetObject" text, "targetId" text, owner boolean, "contentHash" text')}
        order by r.place on conflict do nothing`.execute(tx);
      return matches.map(refusedBy);
    });
  }

  /** Changes the states of rows; a retired one gives its target record up. */
  async setStates(scope: string, rows: readonly { readonly id: number; readonly state: CrosswalkRow['state'] }[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#db.transaction().execute(async (tx) => {
      const changed = await sql<CrosswalkRow>`update crosswalk c set state = r.state from ${tableOf(rows, 'id bigint, state text')}
        where c.id = r.id returning ${columnsOf('c')}`.execute(tx);
      const retired = changed.rows.filter(({ state }) => state === 'retired');
      await releaseTargets(
        tx,
        retired.map((row) => ({ ...row, scope })),
      );
    });
  }

  /** Puts surviving rows under the wave attempt that found them again; their content counts as it is. Says what took the lane's token where it is gone. */
  async takeOver(
    lane: LaneToken,
    rows: readonly { readonly id: number; readonly contentHash: string | null }[],
  ): Promise<'held' | 'fenced' | null> {
    return this.#ofLane(
      lane,
      sql`update crosswalk c set state = 'live', run = ${lane.run}, wave = ${lane.wave}, content_hash = r."contentHash"
        from ${tableOf(rows, 'id bigint, "contentHash" text')} where c.id = r.id`,
    );
  }

  /** Lets rows stand as an earlier attempt left them: their target records stand for their source records no more. Says what took the lane's token. */
  async keep(lane: LaneToken, ids: readonly number[]): Promise<'held' | 'fenced' | null> {
    return this.#ofLane(lane, sql`update crosswalk set state = 'kept' where id = any(${[...ids]})`);
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
