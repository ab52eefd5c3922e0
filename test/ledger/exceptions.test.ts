import { beforeAll, expect, test } from 'vitest';
import { askDatabase } from '../../scripts/dev/sql.ts';
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

test('an exception that is told again of a record that legacy gave to another account stands under that account and its wave from then on', async () => {
  const ofAccount = (wave: string, account: string): Promise<void> =>
    ledger().exceptions.open(run, wave, [{ object: 'order', sourceId: '11078', account, kind: 'noMatch', message: `of ${account}` }]);
  await ofAccount('pilot', 'RATTC');
  await ofAccount('second', 'ERNSH');
  const all = (await ledger().exceptions.openOf(run)).filter(({ sourceId }) => sourceId === '11078');
  expect(all).toMatchObject([{ wave: 'second', account: 'ERNSH', message: 'of ERNSH' }]);
  expect(await ledger().exceptions.recordsOpen(run, ['ERNSH'])).toContainEqual({ object: 'order', sourceId: '11078' });
  expect(await ledger().exceptions.recordsOpen(run, ['RATTC'])).not.toContainEqual({ object: 'order', sourceId: '11078' });
});

test.each([
  ['live', ['keptByRollback: left']],
  ['kept', ['keptByRollback: left']],
  ['retired', []],
] as const)('of a record whose row is %s, what a rollback told of it is void only where nothing stands for it', async (state, wanted) => {
  const key = `void-${state}`;
  await askDatabase(ledger.url(), [
    `insert into crosswalk (scope, object, source_id, system, target_object, target_id, state, origin, owner, run, wave)
      values ('void', 'order', '${key}', 'erp', 'sale', '${key}', '${state}', 'created', false, '${run}', 'pilot')`,
  ]);
  await ledger().exceptions.open(run, 'pilot', [
    { object: 'order', sourceId: key, account: null, kind: 'keptByRollback', message: 'left' },
  ]);
  await ledger().exceptions.closeVoid('void', run, 'order', [key]);
  const left = (await ledger().exceptions.openOf(run)).filter(({ sourceId }) => sourceId === key);
  expect(left.map(({ kind, message }) => `${kind}: ${message}`)).toEqual(wanted);
});
