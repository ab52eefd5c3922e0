import { sql, type RawBuilder } from 'kysely';

/** A source record and the target record it stands for. */
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

/** The columns of a row of the crosswalk, by the name it has in the statement. */
export function crosswalkColumns(table: string): RawBuilder<unknown> {
  const c = sql.ref(table);
  return sql`${c}.id, ${c}.object, ${c}.source_id as "sourceId", ${c}.system, ${c}.target_object as "targetObject", ${c}.target_id as "targetId", ${c}.origin, ${c}.state, ${c}.owner,
    ${c}.live_effect as "liveEffect", ${c}.content_hash as "contentHash", ${c}.run, ${c}.wave`;
}

/** What the state of a row says that stands for its source record. */
export const stands = sql`not in ('reserved', 'retired')`;

/** What the state of a row says that holds a target record at most. */
export const standsNoMore = sql`in ('reserved', 'retired')`;

/** The row `c` that stands for the source record of `r`. */
export const ofRecord = sql`c.scope = r.scope and c.object = r.object and c.source_id = r."sourceId" and c.system = r.system and c.state ${stands}`;
