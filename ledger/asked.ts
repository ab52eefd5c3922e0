import { sql, type RawBuilder } from 'kysely';

/** One call of an activity, whatever try of it. */
export interface Call {
  /** The execution that called, and the number that the call has there. */
  readonly key: string;
  /** When Temporal was asked for it, by its clock (epoch ms); null where nobody tells. */
  readonly askedMs: number | null;
}

/**
 * Whether a row was asked for by this call already (`by` names its call), or later, by another execution. Calls of one execution follow one another,
 * whatever its server's clock does.
 */
export function isBehind(by: RawBuilder<unknown>, { key, askedMs }: Call): RawBuilder<unknown> {
  return sql`(${by} = ${key} or asked_ms > ${askedMs}::bigint and split_part(${by}, '/', 1) <> split_part(${key}, '/', 1))`;
}
