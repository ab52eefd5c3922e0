import { sql, type RawBuilder } from 'kysely';

/**
 * Rows handed to one statement as a table `r`: one parameter, whatever their number. `columns` names and types them as `json_to_recordset` does
 * (PostgreSQL manual, section 9.16.3); nothing else of a row is sent. `place` is the place of a row in the list, from 0. What PostgreSQL has no
 * character for (NUL, half of a surrogate pair, as a system leaves it where it cuts off a message) becomes U+FFFD.
 */
export function tableOf(rows: readonly object[], columns: string): RawBuilder<unknown> {
  const names = namesIn(columns);
  const placed = rows.map((row, place) => placedRow(row as Readonly<Record<string, unknown>>, names, place));
  return sql`json_to_recordset(${storableJson(placed)}::json) as r(place int, ${sql.raw(columns)})`;
}

/**
 * Sealed contents, each of them one line, handed to one statement as a table with the columns `text` and `number` (from 1): PostgreSQL takes them
 * apart at a fifth of what contents inside of JSON cost it. Join it from the left: a list of nothing but nulls may be an empty table.
 */
export function linesOf(name: string, texts: readonly (string | null)[]): RawBuilder<unknown> {
  return sql`string_to_table(${texts.map((text) => text ?? '').join('\n')}, E'\\n', '') with ordinality as ${sql.raw(name)}(text, number)`;
}

/**
 * Texts of several columns, each text one line, handed to one statement as a table `r` with a parameter for each column: the cheapest way to hand over
 * rows. Null where a text is not one line that PostgreSQL can store, and where there is no row.
 */
export function lineColumns(columns: Readonly<Record<string, readonly string[]>>): RawBuilder<unknown> | null {
  const joined = Object.values(columns).map((texts) => (texts.every(isLine) ? texts.join('\n') : ''));
  if (joined.includes('')) return null;
  const tables = joined.map((text) => sql`string_to_table(${text}, E'\\n')`);
  return sql`rows from (${sql.join(tables)}) as r(${sql.join(Object.keys(columns).map((name) => sql.ref(name)))})`;
}

/** Whether PostgreSQL has a character for every one in a text of JSON. */
export function isStorable(json: string): boolean {
  return !/\\u(?:0000|d[89a-f])/.test(json);
}

function isLine(text: string): boolean {
  return text !== '' && !/[\n\0]/.test(text) && text.isWellFormed();
}

const namesKnown = new Map<string, readonly string[]>();

/** The names in a list of columns with their types. */
function namesIn(columns: string): readonly string[] {
  const known = namesKnown.get(columns) ?? columns.split(',').map((column) => (column.trim().split(' ')[0] ?? '').replaceAll('"', ''));
  namesKnown.set(columns, known);
  return known;
}

/** What is not sent is null. */
function placedRow(row: Readonly<Record<string, unknown>>, names: readonly string[], place: number): object {
  const placed: Record<string, unknown> = { place };
  for (const name of names) if (row[name] != null) placed[name] = row[name];
  return placed;
}

/** JSON that PostgreSQL can store: what it has no character for becomes U+FFFD. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  return isStorable(text) ? text : JSON.stringify(value, (_, part: unknown) => wellFormed(part));
}

function wellFormed(value: unknown): unknown {
  return typeof value === 'string' ? storable(value) : value;
}

/** A text as PostgreSQL can store it: what it has no character for becomes U+FFFD. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}');
}
