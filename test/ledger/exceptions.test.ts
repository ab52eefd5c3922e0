import { beforeAll, expect, test } from '@jest/globals';
import { useLedger } from './fresh-ledger.ts';

const run = 'cutover/exceptions/1';
const ledger = useLedger();
beforeAll(() => ledger().runs.open(run, 'plan', 'env'));

const found = async (): Promise<readonly string[]> =>
  (await ledger().exceptions.openOf(run)).map(({ kind, message }) => `${kind}: ${message}`);
const open = (kind: 'remains' | 'keptByRollback', message: string): Promise<void> =>
  ledger().exceptions.open(run, 'pilot', [{ object: 'order', sourceId: '11077', account: null, kind, message }]);
const reopen = (): Promise<void> => ledger().exceptions.reopen(run, 'order', '11077', ['remains', 'keptByRollback']);

test('of what was closed about a record the newest is opened again, once, and only where nothing of it is open', async () => {
  await reopen();
  expect(await found()).toEqual([]);
  await open('remains', 'first');
  await ledger().exceptions.close(run, 'order', ['11077'], ['remains']);
  await open('keptByRollback', 'second');
  await ledger().exceptions.close(run, 'order', ['11077'], ['keptByRollback']);
  await reopen();
  await reopen();
  expect(await found()).toEqual(['keptByRollback: second']);
});
