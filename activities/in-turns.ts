/** Items after which others get their turn: some milliseconds of mapping, hashing or writing JSON. */
const turnSize = 100;

/** Those who wait for their turn, in the order in which they asked. */
const waiting: (() => void)[] = [];

/**
 * Lets everything else that is due have its turn; without it what one lane has to compute, and what follows at once from that, holds up all others.
 * One turn is given between two looks at what has come in: those of many batches at once would be one long block.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(giveTurn);
  });
}

function giveTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(giveTurn);
}

/** What `work` makes of each item, in their order, a turn for each hundred. */
export async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Result): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += turnSize) {
    if (start > 0) await nextTurn();
    for (const item of items.slice(start, start + turnSize)) results.push(work(item));
  }
  return results;
}
