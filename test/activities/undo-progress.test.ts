import { afterEach, expect, test } from 'vitest';
import { erpTable } from '../support/arena/people.ts';
import { dying, type Bench } from './bench.ts';
import { startLargeBench } from './large-bench.ts';

let bench: Bench;
afterEach(() => bench.stop());

test('status shows how far a rollback is while one lane of it works, by the records that are gone from the target', async () => {
  bench = await startLargeBench(210);
  const ref = await bench.bringIn('east');
  const { act, ledger } = bench;
  const drafts = async (): Promise<number> => (await erpTable(bench.business, 'sale.sale')).length;
  const all = await drafts();
  await act.raiseWave(ref, 'back', 'the bench takes it back');
  await act.endSessions(ref);
  const [lane = 0] = await act.planUndo(ref);
  let pages = 0;
  const worker = dying(bench, {
    point: (name) => {
      if (name === 'duringUndo' && (pages += 1) === 3) throw new Error('the worker dies before its third page');
    },
  });
  await expect(worker.undoLane(ref, lane)).rejects.toThrow('third page');
  const left = await drafts();
  expect(all - left).toBeGreaterThanOrEqual(100);
  expect(left).toBeGreaterThan(0);
  const work = async (): Promise<unknown> =>
    (await ledger.lanes.work(ref.run)).find(({ kind, object }) => kind === 'undo' && object === 'order');
  expect(await work()).toMatchObject({ done: all - left, total: all });
  // What was done before is not counted again by who takes the lane up.
  expect(await act.undoLane(ref, lane)).toMatchObject({ end: 'done' });
  expect(await drafts()).toBe(0);
  const counted = (await ledger.lanes.counters(ref.run, 'east')).filter(({ kind, object }) => kind === 'undo' && object === 'order');
  expect(counted.map(({ name, value }) => [name, value]).sort()).toEqual([
    ['applied', all],
    ['kept', 0],
  ]);
});
