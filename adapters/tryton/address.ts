import type { FieldValue, Fields } from '../../contracts/fields.ts';
import type { Reader } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { badRow, isFields, onlyKnown, textField } from './row-fields.ts';
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

/** An address as Tryton returned it. */
export function addressOf(row: JsonObject): Address {
  const country = row['country.'];
  return {
    street: textOf(row['street']),
    city: textOf(row['city']),
    postalCode: textOf(row['postal_code']),
    country: isObject(country) ? textOf(country['code']) : null,
  };
}

/** An address out of a row; rejects with `invalidData` what is none. */
export function addressField(value: FieldValue | undefined, name: string): Address {
  if (!isFields(value)) throw badRow(`${name} must be an address with street, city, postalCode and country`);
  onlyKnown(value, parts);
  return addressFrom(value);
}

function addressFrom(value: Fields): Address {
  const part = (name: string): string | null => {
    const text = textField(value, name)?.trim();
    return text === undefined || text === '' ? null : text;
  };
  return { street: part('street'), city: part('city'), postalCode: part('postalCode'), country: part('country') };
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
