/** What the candidates of a match rule allow: none creates, one is taken over, two or more are a person's to decide. */
export type MatchVerdict<T> =
  | { readonly verdict: 'create' }
  | { readonly verdict: 'matched'; readonly record: T }
  | { readonly verdict: 'ambiguous'; readonly ids: readonly string[] };

/** Judges the candidates that a match rule found; one that was found twice counts once. */
export function matchVerdict<T extends { readonly id: string }>(candidates: readonly T[]): MatchVerdict<T> {
  const ids = [...new Set(candidates.map(({ id }) => id))].sort();
  const [record] = candidates;
  if (record === undefined) return { verdict: 'create' };
  return ids.length === 1 ? { verdict: 'matched', record } : { verdict: 'ambiguous', ids };
}
