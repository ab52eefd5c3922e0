import { sql } from 'kysely';
import type { Operation } from '../contracts/adapter.ts';
import type { Fields } from '../contracts/fields.ts';
import type { EffectStatus, Receipt, Verdict } from '../domain/effects/outcome.ts';
import type { SeenRecord } from '../domain/effects/verdict.ts';
import { unsealFields, unsealImage } from './sealed.ts';

/** One intended write to one record of an outside system (P2). */
export interface NewEffect {
  readonly id: string;
  readonly system: string;
  readonly object: string;
  readonly targetObject: string;
  readonly sourceId: string;
  readonly operation: Operation;
  readonly revision: number;
  readonly contentHash: string;
  readonly fields: Fields;
  /** State and fields before an update, read for the call that may have been applied: an effect that is called again brings them anew. */
  readonly before: SeenRecord | null;
  readonly targetId: string | null;
  /** The crosswalk origin this effect gives the record when it is applied; null where it changes none. */
  readonly origin: 'created' | 'matched' | null;
  /** The effect this one takes back. */
  readonly undoes: string | null;
}

export interface EffectRow extends NewEffect {
  readonly scope: string;
  readonly run: string;
  readonly wave: string;
  readonly attempt: number;
  /** The lane that made its last call. */
  readonly lane: number;
  readonly status: EffectStatus;
  readonly after: SeenRecord | null;
  readonly reason: string | null;
  readonly intendedAt: Date;
  /** When its first call was intended: what proof goes by. */
  readonly firstIntendedAt: Date;
}

/** An effect without its contents: all that settling an answer needs. */
export type PlainEffect = Omit<EffectRow, 'fields' | 'before' | 'after' | 'firstIntendedAt'>;

/** A create that had an intent, as far as a search by its key needs it. */
export type CreateRow = Pick<EffectRow, 'id' | 'system' | 'object' | 'targetObject' | 'sourceId' | 'status' | 'undoes' | 'fields'>;

/** A create, as far as the proof that a record is of it needs it. */
export type ProvableCreate = Omit<CreateRow, 'fields'> & Pick<EffectRow, 'run' | 'wave' | 'firstIntendedAt'>;

/** What was learned of one call, by its receipt or by reading the target. */
export interface Answer {
  readonly effect: string;
  readonly n: number;
  readonly says: Receipt | Exclude<Verdict, 'wait'>;
  readonly targetId: string | null;
  readonly reason: string | null;
}

/** A row as it is stored, its contents sealed. */
export type SealedEffect = Omit<EffectRow, 'fields' | 'before' | 'after'> & {
  readonly fields: string;
  readonly before: string | null;
  readonly after: string | null;
};

/** The columns of an effect `e` without its contents. */
export const plainColumns = sql`e.id, e.scope, e.run, e.wave, e.attempt, e.lane, e.system, e.object, e.target_object as "targetObject", e.source_id as "sourceId", e.operation, e.revision,
  e.content_hash as "contentHash", e.target_id as "targetId", e.origin, e.status, e.undoes, e.reason, e.intended_at as "intendedAt"`;

/** Effects whose after-images lie together. */
const blockSize = sql.lit(64);

/** The block of an effect `e`: where its after-image lies. */
export const blockOf = sql`e.ordinal / ${blockSize}`;

/** The after-image of an effect `e`, sealed: the last that was read. */
export const image = sql`(select i.sealed[array_position(i.ordinals, e.ordinal)] from image i where i.block = ${blockOf} and e.ordinal = any(i.ordinals) order by i.id desc limit 1)`;

/** Whether an effect `e` wrote a record that was not read back yet. */
export const isUnread = sql`e.status = 'applied' and e.target_id is not null and e.operation <> 'delete'
  and not exists (select 1 from image i where i.block = ${blockOf} and e.ordinal = any(i.ordinals))`;

/** The columns of a create `e` without its contents. */
export const createColumns = sql`e.id, e.system, e.object, e.target_object as "targetObject", e.source_id as "sourceId", e.status, e.undoes`;

/** The columns of an effect `e`. */
export const effectColumns = sql`${plainColumns}, e.fields, e.before_image as before, ${image} as after, e.first_intended_at as "firstIntendedAt"`;

export function unsealEffect(row: SealedEffect): EffectRow {
  return {
    ...row,
    fields: unsealFields(row.fields),
    before: row.before === null ? null : unsealImage(row.before),
    after: row.after === null ? null : unsealImage(row.after),
  };
}
