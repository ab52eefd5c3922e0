import { expect, test } from 'vitest';
import { inOrder } from '../../activities/in-order.ts';

async function* pages(count: number): AsyncGenerator<number> {
  for (let page = 1; page <= count; page += 1) yield await Promise.resolve(page);
}

/** Work whose later pages are done first; tells how much was under way at once. */
function work() {
  const state = { underWay: 0, most: 0, ended: 0 };
  const one = async (page: number): Promise<number> => {
    state.underWay += 1;
    state.most = Math.max(state.most, state.underWay);
    await new Promise((resolve) => setTimeout(resolve, 20 - page));
    state.underWay -= 1;
    state.ended += 1;
    if (page === 7) throw new Error('page 7 cannot be read');
    return page * 10;
  };
  return { state, one };
}

async function all<T>(results: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const result of results) found.push(result);
  return found;
}

test.each([1, 2, 4])(
  'with %s at a time the results come in the order of their pages, and no more than so many are under way',
  async (limit) => {
    const { state, one } = work();
    expect(await all(inOrder(pages(6), limit, one))).toEqual([10, 20, 30, 40, 50, 60]);
    expect(state.most).toBe(limit);
  },
);

test('a failure is told when its turn comes, after what came before it and after the end of what was under way', async () => {
  const { state, one } = work();
  const found: number[] = [];
  const reading = (async () => {
    for await (const result of inOrder(pages(12), 4, one)) found.push(result);
  })();
  await expect(reading).rejects.toThrow('page 7 cannot be read');
  expect([found, state.underWay]).toEqual([[10, 20, 30, 40, 50, 60], 0]);
});

test('who reads no further leaves nothing under way', async () => {
  const { state, one } = work();
  for await (const result of inOrder(pages(6), 4, one)) if (result === 10) break;
  expect([state.underWay, state.ended]).toEqual([0, 4]);
});
