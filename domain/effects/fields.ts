import { compare, plainDecimal } from '../money/decimal.ts';

/** A value of a record as it crosses rooms: decimals and dates are texts, `null` is known to be absent. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | PlainFields;
export interface PlainFields {
  readonly [name: string]: PlainValue;
}

/** What a system says of its fields, by path: `writeDate`, or `lines.amount` (also written `lines[].amount`) for a field inside a list. */
export interface FieldNature {
  /** Fields the system changes by itself; they are never compared. */
  readonly volatile?: readonly string[] | undefined;
  /** Fields that hold decimal numbers: these alone are compared by value, every other text as it stands. */
  readonly decimals?: readonly string[] | undefined;
}

/** How two records are compared: `whole` looks at every field of both, `sent` only at the fields the left side names, at every depth. */
interface Comparison {
  readonly extent: 'whole' | 'sent';
  readonly hidden: ReadonlySet<string>;
  readonly decimals: ReadonlySet<string>;
}

function isFields(value: PlainValue): value is PlainFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether two texts are the same number: `1.50` and `1.5`, `0E-8` and `0`. */
function numbersEqual(a: string, b: string): boolean {
  const [left, right] = [plainDecimal(a), plainDecimal(b)];
  return left !== null && right !== null && compare(left, right) === 0;
}

function listsEqual(a: readonly PlainValue[], b: readonly PlainValue[], path: string, how: Comparison): boolean {
  return a.length === b.length && a.every((value, index) => valuesEqual(value, b[index] ?? null, path, how));
}

function valuesEqual(a: PlainValue, b: PlainValue, path: string, how: Comparison): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b || (how.decimals.has(path) && numbersEqual(a, b));
  if (Array.isArray(a) && Array.isArray(b)) return listsEqual(a as readonly PlainValue[], b as readonly PlainValue[], path, how);
  if (isFields(a) && isFields(b)) return differences(a, b, `${path}.`, how).length === 0;
  return a === b;
}

/** Names of the fields that differ, sorted; a field that is missing counts as `null`. */
function differences(a: PlainFields, b: PlainFields, prefix: string, how: Comparison): string[] {
  const names = how.extent === 'sent' ? Object.keys(a) : [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names
    .filter((name) => !how.hidden.has(prefix + name) && !valuesEqual(a[name] ?? null, b[name] ?? null, prefix + name, how))
    .sort();
}

function comparison(extent: Comparison['extent'], { volatile, decimals }: FieldNature): Comparison {
  const paths = (names: readonly string[] = []): ReadonlySet<string> => new Set(names.map((path) => path.replaceAll('[]', '')));
  return { extent, hidden: paths(volatile), decimals: paths(decimals) };
}

/** Names of the top-level fields whose value differs between two whole records, sorted. */
export function changedFields(before: PlainFields, after: PlainFields, nature: FieldNature = {}): readonly string[] {
  return differences(before, after, '', comparison('whole', nature));
}

/** Whether two whole records hold the same. */
export function fieldsEqual(a: PlainFields, b: PlainFields, nature: FieldNature = {}): boolean {
  return changedFields(a, b, nature).length === 0;
}

/**
 * Names of the fields of `sent` that a record does not hold, sorted. Fields the record has beyond that are not looked at, in nested
 * records neither (a system adds amounts and ids to the lines it was given); a list must have as many entries as the one sent.
 */
export function unmetFields(sent: PlainFields, seen: PlainFields, nature: FieldNature = {}): readonly string[] {
  return differences(sent, seen, '', comparison('sent', nature));
}

/** The part of a record that has these names. */
export function pickFields(fields: PlainFields, names: readonly string[]): PlainFields {
  return Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
}
