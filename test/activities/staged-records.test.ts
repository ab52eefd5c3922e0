import { expect, test } from 'vitest';
import type { Staging } from '../../ledger/stagings.ts';
import type { NewRecord } from '../../ledger/records.ts';
import { useLedger } from '../ledger/fresh-ledger.ts';

const ledger = useLedger();

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

/** A run with these waves, and a reading of the source for one of them. */
async function reading(run: string, wave: string): Promise<Staging> {
  await ledger().runs.storeDocument('hash', 'plan', {});
  await ledger().runs.open(run, 'hash', 'hash');
  await ledger().waves.plan(run, ['pilot', 'expansion1']);
  return ledger().stagings.begin({ run, wave, attempt: 1 });
}

test('an account that the plan moves to another wave is in that wave alone, though nothing of its records has changed', async () => {
  expect(await ledger().records.stage(scope, await reading('run', 'pilot'), [alfki])).toBe(1);
  expect(await ledger().records.stage(scope, await reading('run', 'pilot'), [alfki])).toBe(0);
  expect(await ledger().records.stage(scope, await reading('next', 'expansion1'), [{ ...alfki, wave: 'expansion1' }])).toBe(1);
  expect(await ledger().waves.stagedAccounts(scope, 'pilot')).toEqual([]);
  expect(await ledger().waves.stagedAccounts(scope, 'expansion1')).toEqual(['ALFKI']);
});

test('a reading of the source that slept past a later one stages nothing', async () => {
  const slept = await reading('sleeping', 'pilot');
  const later = await reading('sleeping', 'pilot');
  await ledger().records.stage('other scope', later, [{ ...alfki, hash: 'newer' }]);
  await ledger().stagings.finish(later, 'mark 2');
  await expect(ledger().records.stage('other scope', slept, [{ ...alfki, hash: 'older' }])).rejects.toThrow(
    'may not stage records for this try any more',
  );
  await expect(ledger().stagings.finish(slept, 'mark 1')).rejects.toThrow('may not stage records for this try any more');
  expect((await ledger().records.byKeys('other scope', 'customer', ['ALFKI']))[0]?.hash).toBe('newer');
  expect((await ledger().waves.get('sleeping', 'pilot')).watermark).toBe('mark 2');
});
