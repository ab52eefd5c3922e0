import { sql, type RawBuilder, type Transaction } from 'kysely';
import { crosswalkColumns, stands, type CrosswalkRow } from './crosswalk-row.ts';
import type { Database } from './database.ts';
import { enterNew, takeUp } from './entries.ts';
import { tokenLoss, type LaneToken } from './tokens.ts';
import { releaseTargets, reserveTargets, type SourceName } from './owners.ts';
import { tableOf } from './rows.ts';
import { writeUndone, type Undone } from './undone.ts';

const columns = crosswalkColumns('crosswalk');

/** Source id and target id of each record, kept for the pair of systems and not for the run (P3). */
export class Crosswalk {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async bySource(scope: string, object: string, keys: readonly string[]): Promise<readonly CrosswalkRow[]> {
    const { rows } =
      await sql<CrosswalkRow>`select ${columns} from crosswalk where scope = ${scope} and object = ${object} and source_id = any(${keys}) and state ${stands}`.execute(
        this.#db,
      );
    return rows;
  }

  /** Those of these source keys of an object whose target records are live. */
  async liveAmong(scope: string, object: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = keys.length === 0 ? [] : await this.bySource(scope, object, keys);
    return new Set(rows.filter(({ state }) => state === 'live').map(({ sourceId }) => sourceId));
  }

  /** The live rows of source records of several objects. */
  async live(scope: string, names: readonly Pick<SourceName, 'object' | 'sourceId'>[]): Promise<readonly CrosswalkRow[]> {
    if (names.length === 0) return [];
    const [objects, keys] = [names.map(({ object }) => object), names.map(({ sourceId }) => sourceId)];
    const { rows } = await sql<CrosswalkRow>`select ${columns} from unnest(${objects}::text[], ${keys}::text[]) as named(object, key)
      join crosswalk on crosswalk.scope = ${scope} and crosswalk.object = named.object and crosswalk.source_id = named.key
      where crosswalk.state ${stands}`.execute(this.#db);
    return rows.filter(({ state }) => state === 'live');
  }

  /** Rows of an object that stand, at most so many, picked at random, without these. */
  async some(scope: string, object: string, without: readonly number[], limit: number): Promise<readonly CrosswalkRow[]> {
    const { rows } = await sql<CrosswalkRow>`select ${columns} from crosswalk
      where scope = ${scope} and object = ${object} and state ${stands} and id <> all(${[...without]}::bigint[]) order by random() limit ${limit}`.execute(
      this.#db,
    );
    return rows;
  }

  async byTarget(scope: string, system: string, targetObject: string, ids: readonly string[]): Promise<readonly CrosswalkRow[]> {
    const rowsThat = (own: RawBuilder<unknown>): RawBuilder<unknown> => sql`select ${columns} from crosswalk
      where ${own} and scope = ${scope} and system = ${system} and target_object = ${targetObject} and target_id = any(${ids}) and state ${stands}`;
    const { rows } = await sql<CrosswalkRow>`${rowsThat(sql`owner`)} union all ${rowsThat(sql`not owner`)}`.execute(this.#db);
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
      const who = { scope: lane.scope, run: lane.run, wave: lane.wave };
      const entries = matches.map((match, place) => ({ ...match, ...who, origin: 'matched' as const, liveEffect: null, place }));
      const wanted = await enterNew(
        tx,
        entries.filter(({ shares }) => shares !== 'always'),
      );
      const taken = new Map((await reserveTargets(tx, wanted)).map((owner, index) => [wanted[index]?.place, owner]));
      const own = wanted.filter(({ place }) => taken.get(place) === null);
      await takeUp(tx, own);
      const beside = entries.filter(({ shares, place }) => shares === 'always' || (shares === 'beside' && taken.get(place) != null));
      if (beside.length > 0)
        await sql`insert into crosswalk (scope, run, wave, object, source_id, system, target_object, target_id, origin, owner, content_hash)
          select r.scope, r.run, r.wave, r.object, r."sourceId", r.system, r."targetObject", r."targetId", 'matched', false, r."contentHash"
          from ${tableOf(beside, 'scope text, run text, wave text, object text, "sourceId" text, system text, "targetObject" text, "targetId" text, "contentHash" text')}
          order by r.place on conflict do nothing`.execute(tx);
      return entries.map(({ shares, place }) => (shares === 'never' ? (taken.get(place) ?? null) : null));
    });
  }

  /**
   * Brings rows to their ends after an undo; a retired one gives its target record up, one with a `contentHash` is again what an earlier attempt wrote. What
   * else is `undone` of their records is written down in the same transaction. Says what took the lane's token where it is gone: then nothing is changed.
   */
  async endRows(lane: LaneToken, ends: readonly RowEnd[], undone: Undone | null = null): Promise<'held' | 'fenced' | null> {
    return this.#ofLane(lane, async (tx) => {
      const changed =
        await sql<CrosswalkRow>`update crosswalk c set state = r.state, content_hash = coalesce(r."contentHash", c.content_hash)
        from ${tableOf(ends, 'id bigint, state text, "contentHash" text')} where c.id = r.id returning ${crosswalkColumns('c')}`.execute(
          tx,
        );
      const retired = changed.rows.filter(({ state }) => state === 'retired');
      await releaseTargets(
        tx,
        retired.map((row) => ({ ...row, scope: lane.scope })),
      );
      if (undone !== null) await writeUndone(tx, lane, undone);
    });
  }

  /** Puts surviving rows under the wave attempt that found them again; their content counts as it is. Says what took the lane's token where it is gone. */
  async takeOver(
    lane: LaneToken,
    rows: readonly { readonly id: number; readonly contentHash: string | null }[],
  ): Promise<'held' | 'fenced' | null> {
    return this.#ofLane(lane, (tx) =>
      sql`update crosswalk c set state = 'live', run = ${lane.run}, wave = ${lane.wave}, content_hash = r."contentHash"
        from ${tableOf(rows, 'id bigint, "contentHash" text')} where c.id = r.id`.execute(tx),
    );
  }

  /** Lets rows stand as an earlier attempt left them: their target records stand for their source records no more. Says what took the lane's token. */
  async keep(lane: LaneToken, ids: readonly number[]): Promise<'held' | 'fenced' | null> {
    return this.#ofLane(lane, (tx) => sql`update crosswalk set state = 'kept' where id = any(${[...ids]})`.execute(tx));
  }

  async #ofLane(lane: LaneToken, change: (tx: Transaction<unknown>) => Promise<unknown>): Promise<'held' | 'fenced' | null> {
    return this.#db.transaction().execute(async (tx) => {
      const loss = await tokenLoss(tx, lane);
      if (loss === null) await change(tx);
      return loss;
    });
  }
}

/** How a row stands after an undo. */
export interface RowEnd {
  readonly id: number;
  readonly state: CrosswalkRow['state'];
  readonly contentHash: string | null;
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
