import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { createLedger } from '../../scripts/dev/stack.ts';

const run = 'cutover/exceptions/1';
let postgres: LocalPostgres;
let ledger: Ledger;
beforeAll(async () => {
  postgres = await startPostgres();
  ledger = openLedger(await createLedger(postgres, 'ledger'));
  for (const kind of ['plan', 'env'] as const) await ledger.runs.storeDocument(kind, kind, {});
  await ledger.runs.open(run, 'plan', 'env');
});
afterAll(async () => {
  await ledger.close();
  await postgres.stop();
});

const found = async (): Promise<readonly string[]> =>
  (await ledger.exceptions.openOf(run)).map(({ kind, message }) => `${kind}: ${message}`);
const open = (kind: 'remains' | 'keptByRollback', message: string): Promise<void> =>
  ledger.exceptions.open(run, 'pilot', { object: 'order', sourceId: '11077', account: null, kind, message });
const reopen = (): Promise<void> => ledger.exceptions.reopen(run, 'order', '11077', ['remains', 'keptByRollback']);

test('of what was closed about a record the newest is opened again, once, and only where nothing of it is open', async () => {
  await reopen();
  expect(await found()).toEqual([]);
  await open('remains', 'first');
  await ledger.exceptions.close(run, 'order', '11077', ['remains']);
  await open('keptByRollback', 'second');
  await ledger.exceptions.close(run, 'order', '11077', ['keptByRollback']);
  await reopen();
  await reopen();
  expect(await found()).toEqual(['keptByRollback: second']);
});
