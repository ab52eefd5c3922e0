import type { FieldValue } from '../../contracts/fields.ts';

/** A value as Tryton's JSON-RPC carries it; decimals, days and instants are objects tagged with `__class__`. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Objects of a list; anything else in it is left out. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}

/** Numbers of a list, such as record ids. */
export function numbersOf(value: Json | undefined): readonly number[] {
  return isList(value) ? value.filter((item) => typeof item === 'number') : [];
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function decimalTag(text: string): JsonObject {
  return { __class__: 'Decimal', decimal: text };
}

/** A `YYYY-MM-DD` day. */
export function dayTag(day: string): JsonObject {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return { __class__: 'date', year, month, day: date };
}

/** An ISO instant; Tryton keeps UTC without a zone. */
export function instantTag(iso: string): JsonObject {
  const at = new Date(iso);
  return {
    __class__: 'datetime',
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    microsecond: at.getUTCMilliseconds() * 1000,
  };
}

/** A decimal, tagged or a plain number (quantities), as a decimal string. */
export function decimalText(value: Json | undefined): string | null {
  if (typeof value === 'number') return String(value);
  return isObject(value) && typeof value['decimal'] === 'string' ? value['decimal'] : null;
}

export function dayText(value: Json | undefined): string | null {
  if (!isObject(value)) return null;
  return `${digits(value['year'], 4)}-${digits(value['month'], 2)}-${digits(value['day'], 2)}`;
}

/** ISO instant in UTC with milliseconds, rounded down, so that it never lies after the system's own. */
export function instantText(value: Json | undefined): string | null {
  if (!isObject(value)) return null;
  const millisecond = Math.floor(Number(value['microsecond'] ?? 0) / 1000);
  const time = [value['hour'], value['minute'], value['second']].map((part) => digits(part, 2)).join(':');
  return `${String(dayText(value))}T${time}.${digits(millisecond, 3)}Z`;
}

function digits(value: Json | undefined, width: number): string {
  return String(typeof value === 'number' ? value : 0).padStart(width, '0');
}

/** Text; an empty one is absent. */
export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A record id as text. */
export function idText(value: Json | undefined): string | null {
  return typeof value === 'number' ? String(value) : null;
}

/** A criterion as text to search by; objects and lists are no criteria. */
export function plainText(value: FieldValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value).trim() : '';
}

/** Trimmed and case folded, for comparing what people typed. */
export function folded(value: FieldValue | undefined): string {
  return plainText(value).toLowerCase();
}

/** The digits of a phone number: people write the rest as they like. */
export function phoneDigits(value: FieldValue | undefined): string {
  return typeof value === 'string' ? value.replace(/\D/g, '') : '';
}
