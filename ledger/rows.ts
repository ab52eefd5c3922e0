import { sql, type RawBuilder } from 'kysely';

/**
 * Rows handed to one statement as a table `r`: one parameter, whatever their number. `columns` names and types them as `json_to_recordset` does
 * (PostgreSQL manual, section 9.16.3); `place` is the place of a row in the list, from 0.
 */
export function tableOf(rows: readonly object[], columns: string): RawBuilder<unknown> {
  return sql`json_to_recordset(${JSON.stringify(rows.map((row, place) => ({ ...row, place })))}::json) as r(place int, ${sql.raw(columns)})`;
}
