import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Fields, FieldValue } from '../contracts/fields.ts';

/** A text with its length before it, so that no text can be mistaken for two others put together. */
function prefixed(text: string): string {
  if (!text.isWellFormed()) throw new RangeError('a text holds half of a surrogate pair, which has no UTF-8 form');
  return `${String(text.length)}:${text}`;
}

/** One text for one value: equal values give equal texts whatever the order of their fields, different values never do. */
export function canonicalText(value: FieldValue): string {
  if (value === null) return 'n';
  if (typeof value === 'string') return `s${prefixed(value)}`;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError('a number is not finite');
    return `d${prefixed(String(value))}`;
  }
  if (Array.isArray(value)) return `l${String(value.length)};${value.map((item: FieldValue) => canonicalText(item)).join('')}e`;
  const fields = value as Fields;
  const names = Object.keys(fields);
  let text = `m${String(names.length)};`;
  for (const { name, written } of inOrder(names)) text += written + canonicalText(fields[name] as FieldValue);
  return `${text}e`;
}

interface Name {
  readonly name: string;
  readonly written: string;
}

/** The names of the newest record with so many fields, as they came and in their order: most records have the names of one before them. */
const newest = new Map<number, { readonly names: readonly string[]; readonly ordered: readonly Name[] }>();

/** Names in their order, each also as it stands in the text. */
function inOrder(names: readonly string[]): readonly Name[] {
  const known = newest.get(names.length);
  if (known?.names.every((name, place) => name === names[place]) === true) return known.ordered;
  const ordered = names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => ({ name, written: prefixed(name) }));
  newest.set(names.length, { names, ordered });
  return ordered;
}

/** SHA-256 of a record's content, in hexadecimal; compares what was sent with what would be sent again. */
export function contentHash(value: FieldValue): string {
  return hash('sha256', canonicalText(value));
}

/**
 * The id of one effect: SHA-256, in hexadecimal, of a length-prefixed list of (scope, wave, attempt, system, object, source id,
 * operation, revision). The same effect has the same id in every process and every attempt to make it.
 */
export function effectId(parts: readonly (string | number)[]): string {
  return hash('sha256', parts.map((part) => prefixed(String(part))).join(''));
}

/** SHA-256, in hexadecimal, of a plan, env or evidence document in its RFC 8785 form; throws RangeError where it has none. */
export function documentHash(value: unknown): string {
  const text = canonicalText8785(value);
  if (text === undefined) throw new RangeError('only a JSON value has a document hash');
  return hash('sha256', text);
}

function canonicalText8785(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch (error) {
    throw new RangeError('this document has no RFC 8785 form', { cause: error });
  }
}
