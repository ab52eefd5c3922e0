import { expect, test } from 'vitest';
import type { Reader } from '../../adapters/tryton/caller.ts';
import { createLookups } from '../../adapters/tryton/lookups.ts';
import type { TrytonSystem } from '../../domain/plan/systems.ts';

test('a name that finance has just set up is found at once, one that is there is asked for once, and one that is missing is refused by name', async () => {
  const units = [{ id: 1, name: 'Unit' }];
  let asked = 0;
  const reader = {
    search: () => {
      asked += 1;
      return Promise.resolve([...units]);
    },
  } as unknown as Reader;
  const lookups = createLookups({ currency: 'USD' } as TrytonSystem);
  expect([await lookups.unit(reader, 'Unit'), await lookups.unit(reader, 'Unit'), asked]).toEqual([1, 1, 1]);
  await expect(lookups.unit(reader, 'Crate')).rejects.toThrow(/has no unit "Crate"/);
  units.push({ id: 7, name: 'Crate' });
  expect(await lookups.unit(reader, 'Crate')).toBe(7);
});
