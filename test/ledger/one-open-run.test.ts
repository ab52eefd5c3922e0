import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { createLedger } from '../../scripts/dev/stack.ts';

let postgres: LocalPostgres;
let ledger: Ledger;
beforeAll(async () => {
  postgres = await startPostgres();
  ledger = openLedger(await createLedger(postgres, 'ledger'));
  for (const kind of ['plan', 'env'] as const) await ledger.runs.storeDocument(kind, kind, {});
});
afterAll(async () => {
  await ledger.close();
  await postgres.stop();
});

const bind = (run: string): Promise<string | null> => ledger.runs.bindScope(run, 'legacy and erp', 0);

test('of runs that ask for the same two systems in the same moment one gets them, and every other one is told its id', async () => {
  const runs = ['cutover/a/1', 'cutover/b/1', 'cutover/c/1', 'cutover/d/1'];
  for (const run of runs) await ledger.runs.open(run, 'plan', 'env');
  const told = await Promise.all(runs.map(bind));
  const winner = runs[told.indexOf(null)];
  expect(told.filter((answer) => answer !== null)).toEqual([winner, winner, winner]);
  expect(await bind(String(winner))).toBeNull();
});
