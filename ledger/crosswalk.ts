import { sql } from 'kysely';
import type { Database } from './database.ts';

export interface CrosswalkRow {
  readonly id: number;
  readonly object: string;
  readonly sourceId: string;
  readonly system: string;
  readonly targetObject: string;
  readonly targetId: string;
  readonly origin: 'created' | 'matched' | 'adopted';
  readonly state: 'live' | 'deactivated' | 'kept' | 'undoing' | 'retired';
  readonly liveEffect: string | null;
  readonly contentHash: string | null;
  readonly run: string;
  readonly wave: string;
}

const columns = sql`id, object, source_id as "sourceId", system, target_object as "targetObject", target_id as "targetId", origin, state, live_effect as "liveEffect", content_hash as "contentHash", run, wave`;

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

  /** Records a match that needed no write: found, recognised, and now known by both ids. False where the target id is another record's. */
  async match(row: {
    readonly scope: string;
    readonly run: string;
    readonly wave: string;
    readonly object: string;
    readonly sourceId: string;
    readonly system: string;
    readonly targetObject: string;
    readonly targetId: string;
    readonly owner: boolean;
    readonly contentHash: string | null;
  }): Promise<boolean> {
    const { rows } =
      await sql`insert into crosswalk (scope, run, wave, object, source_id, system, target_object, target_id, origin, owner, content_hash)
      values (${row.scope}, ${row.run}, ${row.wave}, ${row.object}, ${row.sourceId}, ${row.system}, ${row.targetObject}, ${row.targetId}, 'matched', ${row.owner}, ${row.contentHash})
      on conflict do nothing returning 1`.execute(this.#db);
    return rows.length > 0;
  }

  async setState(id: number, state: CrosswalkRow['state']): Promise<void> {
    await sql`update crosswalk set state = ${state} where id = ${id}`.execute(this.#db);
  }

  /** Puts a surviving row under the wave attempt that found it again; its content counts as it is. */
  async takeOver(id: number, run: string, wave: string, contentHash: string): Promise<void> {
    await sql`update crosswalk set state = 'live', run = ${run}, wave = ${wave}, content_hash = ${contentHash} where id = ${id}`.execute(
      this.#db,
    );
  }
}
