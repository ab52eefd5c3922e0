import type { Fields, FieldValue } from '../contracts/fields.ts';
import { plainDecimal } from '../domain/money/decimal.ts';

/** A value made, or a sentence that says why none could be. */
export type Made = { readonly value: FieldValue } | { readonly problem: string };

/** How a rule reads a column. */
export type Reading = 'text' | 'decimal' | 'date' | 'trimmed';

/** Whether a value is a nested record. */
export function isFields(value: FieldValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A scalar as text; null for lists and nested records, which have none. */
export function textOf(value: FieldValue): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** A number as exact decimal text: a decimal text, written plainly (`0E-8` is zero), a whole number; null for anything else, floating-point numbers among it. */
export function decimalOf(value: FieldValue): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null;
  return typeof value === 'string' ? plainDecimal(value) : null;
}

/** The day of `YYYY-MM-DD`, or of a time without a zone; null when there is no such day. */
function dayOf(value: FieldValue): string | null {
  const match = typeof value === 'string' ? /^(\d{4}-\d{2}-\d{2})(?:T[\d:.]+)?$/.exec(value) : null;
  const day = match?.[1];
  if (day === undefined) return null;
  const instant = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day) ? day : null;
}

/** A moment in time, which is one day here and another there. */
const instantPattern = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}(?::?\d{2})?)$/;

/** The day that the calendar of a zone shows at an instant; null where the value is none. */
function dayIn(zone: string, value: FieldValue): string | null {
  if (typeof value !== 'string' || !instantPattern.test(value)) return null;
  const instant = new Date(value.replace(/([+-]\d{2})$/, '$1:00'));
  if (Number.isNaN(instant.getTime())) return null;
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(instant);
}

/** Whatever systems take for a blank: white space, the separators among the control characters, and the mark at the beginning of a file. */
const blanks = /[\s\p{White_Space}\u{1c}-\u{1f}]+/gu;

/** A text without blanks around it, and a single space for those inside. Most texts are so already. */
function trimmed(value: FieldValue): string | null {
  const text = textOf(value)?.trim() ?? null;
  return text !== null && /[^\S ]| {2}|[\u{1c}-\u{1f}\u{85}]/u.test(text) ? text.replaceAll(blanks, ' ').trim() : text;
}

const readers: Readonly<Record<Reading, { readonly read: (value: FieldValue) => string | null; readonly problem: string }>> = {
  text: { read: textOf, problem: 'is not a text' },
  trimmed: { read: trimmed, problem: 'is not a text' },
  decimal: { read: decimalOf, problem: 'is not an exact decimal number; cast it to numeric or text in the query' },
  date: { read: dayOf, problem: 'is not a day' },
};

/**
 * The value of a column read this way; null stays null, and an empty trimmed text is null. The day of an instant is that of `zone`; without one it is
 * refused, because it would be another day elsewhere.
 */
export function readAs(column: string, value: FieldValue, reading: Reading, zone?: string): Made {
  if (value === null) return { value };
  if (reading === 'date' && typeof value === 'string' && instantPattern.test(value)) {
    const day = zone === undefined ? null : dayIn(zone, value);
    if (day !== null) return { value: day };
    return { problem: `column ${column} is a moment in time, and no day; name the zone whose calendar counts (zone: Europe/Paris)` };
  }
  const made = readers[reading].read(value);
  if (made === null) return { problem: `column ${column} ${readers[reading].problem}` };
  return { value: reading === 'trimmed' && made === '' ? null : made };
}
