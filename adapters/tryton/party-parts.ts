import type { Fields } from '../../contracts/fields.ts';
import { badRow, given } from './row-fields.ts';
import { lineText } from './texts.ts';
import type { Json, JsonObject } from './values.ts';
import { textOf } from './values.ts';

/** Begins the identifier that marks a party as made by one effect. */
export const markerPrefix = 'cutover:';

/** The first entry of a type is the one people and the adapter mean; Tryton keeps them in order. */
export function firstMechanism(mechanisms: readonly JsonObject[], type: 'phone' | 'fax'): JsonObject | undefined {
  return mechanisms.find((mechanism) => mechanism['type'] === type);
}

/** Nested verbs that bring phone, fax and contact person to what the row says; entries of other types stay. */
export function mechanismVerbs(fields: Fields, current: readonly JsonObject[]): readonly Json[] {
  const contact = lineText(fields, 'contactPerson');
  return [
    ...mechanismVerb('phone', lineText(fields, 'phone'), contact, firstMechanism(current, 'phone')),
    ...mechanismVerb('fax', lineText(fields, 'fax'), undefined, firstMechanism(current, 'fax')),
  ];
}

function mechanismVerb(
  type: 'phone' | 'fax',
  value: string | null | undefined,
  name: string | null | undefined,
  current: JsonObject | undefined,
): readonly Json[] {
  const wanted = value === undefined ? textOf(current?.['value']) : value;
  if (wanted === null) {
    if (name !== undefined && name !== null) throw badRow('contactPerson needs a phone, because Tryton keeps the name on the phone entry');
    return current === undefined ? [] : [['delete', [Number(current['id'])]]];
  }
  if (current === undefined) return [['create', [{ type, value: wanted, ...given({ name }) }]]];
  const changes = given({
    value: wanted === current['value'] ? undefined : wanted,
    name: name === textOf(current['name']) ? undefined : name,
  });
  return Object.keys(changes).length === 0 ? [] : [['write', [Number(current['id'])], changes]];
}
