/**
 * Records in the order in which they are taken back: objects loaded last come first, so that nothing is removed while something of ours
 * still refers to it. Within one object the given order stays: give them newest first. An object that is not in the load order may
 * refer to any other and is taken back before all of them.
 */
export function undoOrder<T extends { readonly object: string }>(loadOrder: readonly string[], records: readonly T[]): readonly T[] {
  const rank = new Map(loadOrder.map((object, index) => [object, index]));
  const rankOf = (record: T): number => rank.get(record.object) ?? loadOrder.length;
  return [...records].sort((a, b) => rankOf(b) - rankOf(a));
}
