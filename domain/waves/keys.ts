/** Keys of records: how many there are, and the first of them in their order. However many records there are, only these are held. */
export interface Keys {
  readonly count: number;
  readonly first: readonly string[];
}

/** How many records are named; the others are counted. */
export const keysNamed = 20;

export const noKeys: Keys = { count: 0, first: [] };

/** These keys, each once. */
export function keysOf(keys: Iterable<string>): Keys {
  const all = [...new Set(keys)].sort();
  return { count: all.length, first: all.slice(0, keysNamed) };
}

/** Keys of two groups of records that have none in common. */
export function keysTogether(one: Keys, other: Keys): Keys {
  return { count: one.count + other.count, first: keysOf([...one.first, ...other.first]).first };
}
