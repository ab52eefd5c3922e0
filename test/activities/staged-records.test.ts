import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import type { NewRecord } from '../../ledger/records.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { createLedger } from '../../scripts/dev/stack.ts';

let server: LocalPostgres;
let ledger: Ledger;
beforeAll(async () => {
  server = await startPostgres();
  ledger = openLedger(await createLedger(server, 'ledger'));
});
afterAll(async () => {
  await ledger.close();
  await server.stop();
});

const scope = 'legacy erp';
const alfki: NewRecord = {
  object: 'customer',
  sourceId: 'ALFKI',
  account: 'ALFKI',
  wave: 'pilot',
  hash: 'same',
  payload: { name: 'Alfreds' },
  disposition: 'move',
};

test('an account that the plan moves to another wave is in that wave alone, though nothing of its records has changed', async () => {
  expect(await ledger.records.stage(scope, 'run', [alfki])).toBe(1);
  expect(await ledger.records.stage(scope, 'run', [alfki])).toBe(0);
  expect(await ledger.records.stage(scope, 'next', [{ ...alfki, wave: 'expansion1' }])).toBe(1);
  expect(await ledger.waves.stagedAccounts(scope, 'pilot')).toEqual([]);
  expect(await ledger.waves.stagedAccounts(scope, 'expansion1')).toEqual(['ALFKI']);
});
