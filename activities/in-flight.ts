/**
 * Works on these items, `width` of them at a time. No further one begins after `work` answered `stop` for one, or failed; what was under way is
 * awaited, so that nothing outlives the call. Rejects with the first error.
 */
export async function inFlight<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<'on' | 'stop'>): Promise<void> {
  const queue = [...items];
  const state = { stopped: false };
  const take = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && !state.stopped; item = queue.shift())
      if ((await work(item)) === 'stop') state.stopped = true;
  };
  const takers = await Promise.allSettled(
    Array.from({ length: width }, () =>
      take().catch((error: unknown) => {
        state.stopped = true;
        throw error;
      }),
    ),
  );
  for (const taker of takers) if (taker.status === 'rejected') throw taker.reason;
}

/** A list in parts of this size, in its order. */
export function inParts<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
