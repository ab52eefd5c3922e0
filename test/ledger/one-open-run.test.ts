import { expect, test } from 'vitest';
import { useLedger } from './fresh-ledger.ts';

const ledger = useLedger();
const bind = (run: string): Promise<string | null> => ledger().runs.bindScope(run, 'legacy and erp', 0);

test('of runs that ask for the same two systems in the same moment one gets them, and every other one is told its id', async () => {
  const runs = ['cutover/a/1', 'cutover/b/1', 'cutover/c/1', 'cutover/d/1'];
  for (const run of runs) await ledger().runs.open(run, 'plan', 'env');
  const told = await Promise.all(runs.map(bind));
  const winner = runs[told.indexOf(null)];
  expect(told.filter((answer) => answer !== null)).toEqual([winner, winner, winner]);
  expect(await bind(String(winner))).toBeNull();
});
