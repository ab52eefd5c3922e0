import { expect, test } from 'vitest';
import { inTurns, nextTurn } from '../../activities/in-turns.ts';

/** Computes for so long (ms). */
function compute(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('of many that wait for their turn at once each has one of its own, and what else is due comes between', async () => {
  const order: string[] = [];
  const ticking = setInterval(() => order.push('other'), 1);
  const work = async (): Promise<void> => {
    await nextTurn();
    order.push('turn');
    compute(5);
  };
  await Promise.all(Array.from({ length: 8 }, work));
  clearInterval(ticking);
  expect(order.join(' ').match(/turn/g)).toHaveLength(8);
  expect(order.join(' ')).not.toContain('turn turn');
});

test('items are worked on in their order, whoever else waits for a turn', async () => {
  const items = Array.from({ length: 350 }, (_, index) => index);
  const twice = (item: number): number => 2 * item;
  const [one, two] = await Promise.all([inTurns(items, twice), inTurns(items.toReversed(), twice)]);
  expect(one).toEqual(items.map(twice));
  expect(two).toEqual(items.toReversed().map(twice));
});
