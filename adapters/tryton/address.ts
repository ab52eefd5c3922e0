import type { FieldValue, Fields } from '../../contracts/fields.ts';
import type { Reader } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { badRow, isFields, onlyKnown } from './row-fields.ts';
import { blanksAround, lineText, stripped, wholeText } from './texts.ts';
import type { JsonObject } from './values.ts';
import { isObject, textOf } from './values.ts';

/** A postal address by value; `country` is the two-letter ISO 3166 code. */
export interface Address {
  readonly street: string | null;
  readonly city: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
}

const parts = ['street', 'city', 'postalCode', 'country'] as const;

/** Fields of `party.address` that `addressOf` needs, below a path such as `addresses.`. */
export function addressReads(path: string): readonly string[] {
  return ['street', 'city', 'postal_code', 'country.code'].map((name) => `${path}${name}`);
}

/**
 * An address as Tryton returned it; without the blanks around texts of one line that other programs may have written into its database, because Tryton
 * would not take them back.
 */
export function addressOf(row: JsonObject): Address {
  const country = row['country.'];
  return {
    street: textOf(row['street']),
    city: stripped(textOf(row['city'])),
    postalCode: stripped(textOf(row['postal_code'])),
    country: isObject(country) ? stripped(textOf(country['code'])) : null,
  };
}

/** An address out of a row; rejects with `invalidData` what is none. */
export function addressField(value: FieldValue | undefined, name: string): Address {
  if (!isFields(value)) throw badRow(`${name} must be an address with street, city, postalCode and country`);
  onlyKnown(value, parts);
  const part = (of: string): string | null => lineText(value, of, `${name}.${of}`) ?? null;
  return { street: streetOf(value, name), city: part('city'), postalCode: part('postalCode'), country: part('country') };
}

/** Tryton keeps the blanks around a street that a person typed, and such a one may be put back; it is written and compared without them. */
function streetOf(value: Fields, name: string): string | null {
  const street = wholeText(value, 'street', `${name}.street`)?.trim() ?? null;
  return street === '' ? null : street;
}

/** An address as a record of the source gives it: no blanks stand around its street. */
export function sourceAddress(value: FieldValue | undefined, name: string): Address {
  const address = addressField(value, name);
  if (isFields(value) && (value['street'] ?? null) !== address.street) throw blanksAround(`${name}.street`);
  return address;
}

export async function addressValues(address: Address, reader: Reader, lookups: Lookups): Promise<JsonObject> {
  return {
    street: address.street,
    city: address.city,
    postal_code: address.postalCode,
    country: address.country === null ? null : await lookups.country(reader, address.country),
  };
}

export function sameAddress(one: Address, other: Address): boolean {
  return parts.every((part) => (one[part] ?? '').trim() === (other[part] ?? '').trim());
}
