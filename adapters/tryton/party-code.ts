import type { Fields } from '../../contracts/fields.ts';
import { oneOf } from './caller.ts';
import { textField } from './row-fields.ts';
import type { Json, JsonObject } from './values.ts';
import { objectsOf, textOf } from './values.ts';

/**
 * Begins the identifier that holds our number of a party Tryton had numbered before. `party.code` can be set by a create alone: module
 * party 8.2 makes it `readonly` for every record that has an id.
 */
const prefix = 'code:';

/** Fields of a party that its number is read from. */
export const codeReads: readonly string[] = ['code', 'identifiers.code'];

/** The party's number: ours where it is kept as an identifier, else Tryton's own. */
export function codeOf(row: JsonObject): string | null {
  return textOf(kept(row)?.['code'])?.slice(prefix.length) ?? textOf(row['code']);
}

/** Nested verbs for the identifiers that make the number of a party that is there the row's; none where it is or is not spoken of. */
export function codeVerbs(fields: Fields, current: JsonObject): readonly Json[] {
  const wanted = textField(fields, 'code') ?? codeOf(current);
  if (wanted === codeOf(current)) return [];
  const identifier = kept(current);
  if (wanted === textOf(current['code'])) return identifier === undefined ? [] : [['delete', [Number(identifier['id'])]]];
  const values = { code: `${prefix}${String(wanted)}` };
  return [identifier === undefined ? ['create', [values]] : ['write', [Number(identifier['id'])], values]];
}

/** Finds the parties with these numbers, ours or Tryton's. */
export function codeClause(keys: readonly string[]): Json {
  return oneOf(['code', 'in', keys], ['identifiers.code', 'in', keys.map((key) => `${prefix}${key}`)]);
}

function kept(row: JsonObject): JsonObject | undefined {
  return objectsOf(row['identifiers.']).find((identifier) => textOf(identifier['code'])?.startsWith(prefix));
}
