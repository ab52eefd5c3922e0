import { sql, type RawBuilder } from 'kysely';

/**
 * Rows handed to one statement as a table `r`: one parameter, whatever their number. `columns` names and types them as `json_to_recordset` does
 * (PostgreSQL manual, section 9.16.3); `place` is the place of a row in the list, from 0. What PostgreSQL has no character for (NUL, half of a
 * surrogate pair, as a system leaves it where it cuts off a message) becomes U+FFFD.
 */
export function tableOf(rows: readonly object[], columns: string): RawBuilder<unknown> {
  const placed = rows.map((row, place) => ({ ...row, place }));
  const text = JSON.stringify(placed);
  const storable = /\\u(?:0000|d[89a-f])/.test(text) ? JSON.stringify(placed, (_, value: unknown) => wellFormed(value)) : text;
  return sql`json_to_recordset(${storable}::json) as r(place int, ${sql.raw(columns)})`;
}

function wellFormed(value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\u{fffd}') : value;
}
