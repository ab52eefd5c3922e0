import { expect, test } from 'vitest';
import { createRpc } from '../../adapters/tryton/rpc.ts';
import { BudgetWait } from '../../contracts/calls.ts';

test('the name under which the ledger keeps a Tryton holds neither user nor password of its address', async () => {
  const named: string[] = [];
  const meter = {
    start: (instance: string): Promise<never> => {
      named.push(instance);
      return Promise.reject(new BudgetWait('erp: not now', 'erp', 1_000));
    },
  };
  for (const url of ['https://someone:secret@erp.example:8000/tryton/', 'https://erp.example', 'no address'])
    await expect(createRpc({ system: 'erp', callTimeoutMs: 1_000, values: { url, database: 'books' }, meter }).version()).rejects.toThrow(
      'not now',
    );
  expect(named).toEqual(['erp.example:8000/tryton/books', 'erp.example/books', '/books']);
});
