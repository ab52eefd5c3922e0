import { compare, isDecimal } from '../money/decimal.ts';

/** A value of a record as it crosses rooms: decimals and dates are texts, `null` is known to be absent. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | PlainFields;
export interface PlainFields {
  readonly [name: string]: PlainValue;
}

/** How two records are compared: `whole` looks at every field of both, `sent` only at the fields the left side names, at every depth. */
type Extent = 'whole' | 'sent';

function isFields(value: PlainValue): value is PlainFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Two texts are equal as they stand, or as numbers where one of them has a decimal point (`1.50` and `1.5`). */
function textsEqual(a: string, b: string): boolean {
  if (a === b) return true;
  return (a.includes('.') || b.includes('.')) && isDecimal(a) && isDecimal(b) && compare(a, b) === 0;
}

function listsEqual(
  a: readonly PlainValue[],
  b: readonly PlainValue[],
  hidden: ReadonlySet<string>,
  path: string,
  extent: Extent,
): boolean {
  return a.length === b.length && a.every((value, index) => valuesEqual(value, b[index] ?? null, hidden, path, extent));
}

function valuesEqual(a: PlainValue, b: PlainValue, hidden: ReadonlySet<string>, path: string, extent: Extent): boolean {
  if (typeof a === 'string' && typeof b === 'string') return textsEqual(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return listsEqual(a as readonly PlainValue[], b as readonly PlainValue[], hidden, path, extent);
  if (isFields(a) && isFields(b)) return differences(a, b, hidden, `${path}.`, extent).length === 0;
  return a === b;
}

/** Names of the fields that differ, sorted; a field that is missing counts as `null`. */
function differences(a: PlainFields, b: PlainFields, hidden: ReadonlySet<string>, prefix: string, extent: Extent): string[] {
  const names = extent === 'sent' ? Object.keys(a) : [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names
    .filter((name) => !hidden.has(prefix + name) && !valuesEqual(a[name] ?? null, b[name] ?? null, hidden, prefix + name, extent))
    .sort();
}

/** Volatile fields by path: `writeDate`, or `lines.amount` (also written `lines[].amount`) for a field inside a list. */
function hiddenPaths(volatile: readonly string[]): ReadonlySet<string> {
  return new Set(volatile.map((path) => path.replaceAll('[]', '')));
}

/** Names of the top-level fields whose value differs between two whole records, sorted; `volatile` fields are never compared. */
export function changedFields(before: PlainFields, after: PlainFields, volatile: readonly string[] = []): readonly string[] {
  return differences(before, after, hiddenPaths(volatile), '', 'whole');
}

/** Whether two whole records hold the same, decimals by value; `volatile` fields are never compared. */
export function fieldsEqual(a: PlainFields, b: PlainFields, volatile: readonly string[] = []): boolean {
  return changedFields(a, b, volatile).length === 0;
}

/**
 * Names of the fields of `sent` that a record does not hold, sorted. Fields the record has beyond that are not looked at, in nested
 * records neither (a system adds amounts and ids to the lines it was given); a list must have as many entries as the one sent.
 */
export function unmetFields(sent: PlainFields, seen: PlainFields, volatile: readonly string[] = []): readonly string[] {
  return differences(sent, seen, hiddenPaths(volatile), '', 'sent');
}

/** The part of a record that has these names. */
export function pickFields(fields: PlainFields, names: readonly string[]): PlainFields {
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}
