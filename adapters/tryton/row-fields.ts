import type { WriteRow } from '../../contracts/adapter.ts';
import type { Fields, FieldValue } from '../../contracts/fields.ts';
import { OwnRefusal } from './answers.ts';

/** A row that cannot be sent as it is; nothing of its batch was sent. */
export function badRow(what: string, remedy = 'correct its rule in the mapping, or the record in its source'): OwnRefusal {
  return new OwnRefusal('invalidData', `${what}; ${remedy}`);
}

/** The target id of a row, as Tryton counts. */
export function idOf(row: WriteRow): number {
  return recordId(row.id, 'the target id');
}

/** A record id given as text. */
export function recordId(value: FieldValue | undefined, name: string): number {
  if (typeof value === 'string' && /^[1-9]\d{0,17}$/.test(value)) return Number(value);
  throw badRow(`${name} must be the id of a Tryton record`);
}

/** Refuses fields the object does not have, by name. */
export function onlyKnown(fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw badRow(`Tryton objects of this kind have no field ${unknown.join(', ')}`, `name one of: ${known.join(', ')}`);
}

/** Text, null where known to be absent, undefined where the row does not speak of it. */
export function textField(fields: Fields, name: string): string | null | undefined {
  const value = fields[name];
  if (value === undefined || value === null || typeof value === 'string') return value;
  throw badRow(`${name} must be text`);
}

export function booleanField(fields: Fields, name: string): boolean | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw badRow(`${name} must be true or false`);
}

/** A decimal string such as `"232.0800"`. */
export function decimalField(value: FieldValue | undefined, name: string): string {
  if (typeof value === 'string' && /^-?\d{1,20}(\.\d{1,20})?$/.test(value)) return value;
  throw badRow(`${name} must be a decimal string`);
}

/** Decimals Tryton keeps of a price (`price_decimal` of its module product). */
const priceDecimals = 4;

/** A price, as a decimal string that Tryton takes: it rounds none. */
export function priceField(value: FieldValue | undefined, name: string): string {
  if (value === null || value === undefined)
    throw badRow(`${name} is empty`, 'give the record a price in its source, or a rule in the mapping');
  const text = decimalField(value, name);
  const decimals = (text.split('.')[1] ?? '').replace(/0+$/, '').length;
  if (decimals <= priceDecimals) return text;
  throw badRow(`${name} has more than the ${String(priceDecimals)} decimals that Tryton keeps`);
}

/** A list of objects, such as the lines of a sale; undefined where the row does not speak of it. */
export function listField(fields: Fields, name: string): readonly Fields[] | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every(isFields)) return value;
  throw badRow(`${name} must be a list of objects`);
}

export function isFields(value: FieldValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The given entries that are not undefined: fields a row does not speak of are not sent. */
export function given<Value>(entries: Readonly<Record<string, Value | undefined>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(entries).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
