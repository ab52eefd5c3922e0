import type { Fields } from '../contracts/fields.ts';
import { unmetFields } from '../domain/effects/fields.ts';

/** Letters that have no accent to take off, as people write them without. */
const plainLetters = Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' });

/** A name or address as it is compared: small letters, no accents, no punctuation, single spaces (`Père & fils` is `pere fils`). */
export function normalizeText(text: string): string {
  const letters = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plainLetters
    .reduce((done, [letter, plain]) => done.replaceAll(letter, plain), letters)
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The digits of a phone number: `(5) 555-4729` and `5 5554729` are the same. */
export function phoneDigits(text: string): string {
  return text.replaceAll(/\D/g, '');
}

/** What the candidates of a match rule allow: none creates, one is taken over, two or more are a person's to decide. */
export type MatchVerdict =
  | { readonly verdict: 'create' }
  | { readonly verdict: 'matched'; readonly id: string }
  | { readonly verdict: 'ambiguous'; readonly ids: readonly string[] };

/** Judges the candidates that a match rule found; one that was found twice counts once. */
export function matchVerdict(candidates: readonly { readonly id: string }[]): MatchVerdict {
  const ids = [...new Set(candidates.map(({ id }) => id))].sort();
  const [id] = ids;
  if (id === undefined) return { verdict: 'create' };
  return ids.length === 1 ? { verdict: 'matched', id } : { verdict: 'ambiguous', ids };
}

/** Names of the fields in which a target record differs from what the mapping would write, sorted; decimals compare by value. */
export function compareRecords(expected: Fields, seen: Fields, volatile: readonly string[] = []): readonly string[] {
  return unmetFields(expected, seen, volatile);
}
