/**
 * Does `work` for each of the pages, for as many at a time as `limit`, and yields the results in the order of the pages. Never holds more than `limit`
 * results. Throws what a page or its work throws; what was under way then is awaited first, so that nothing outlives the reader.
 */
export async function* inOrder<Page, Result>(
  pages: AsyncIterable<Page>,
  limit: number,
  work: (page: Page) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const page of pages) {
      const result = work(page);
      // Its failure is told when its turn comes.
      result.catch(() => undefined);
      underWay.push(result);
      if (underWay.length >= limit) yield await (underWay.shift() as Promise<Result>);
    }
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) yield await next;
  } finally {
    await Promise.allSettled(underWay);
  }
}
