import { expect, test } from 'vitest';
import type { Context } from '../../activities/deps.ts';
import { freezeFaults, sealFaults } from '../../activities/waves/seals.ts';
import { lapsedAccounts } from '../../adapters/sql/freezer.ts';
import type { Run } from '../../adapters/sql/database.ts';

const wave = { run: 'run', wave: 'pilot' };

/** So many accounts as legacy tells them, each held; `looks` counts how often somebody looks at one of them. */
function heldAccounts(count: number): {
  readonly accounts: readonly string[];
  readonly states: readonly object[];
  readonly looks: () => number;
} {
  let looks = 0;
  const accounts = Array.from({ length: count }, (_, index) => `account ${String(index)}`);
  const states = accounts.map((account) => ({
    get account() {
      looks += 1;
      return account;
    },
    ...{ wave: 'run/pilot', generation: 1, current: true, drained: true, sealed: true, holds: true, leaseUntil: '' },
  }));
  return { accounts, states, looks: () => looks };
}

const ways: Readonly<Record<string, (accounts: readonly string[], states: readonly object[]) => Promise<readonly string[]>>> = {
  'legacy looks for a lapsed lease': (accounts, states) =>
    lapsedAccounts(
      ((sql: string) => Promise.resolve(sql.includes('to_regclass') ? [{ there: true }] : states)) as Run,
      accounts,
      'run/pilot',
      1,
    ),
  'the seals of a wave are read back': (accounts, states) => sealFaults(telling(states), wave, 1, accounts),
  'the watcher looks at a freeze': (accounts, states) => freezeFaults(telling(states), wave, 1, accounts, 60_000),
};

function telling(states: readonly object[]): Context {
  return { sys: { source: { freezeStates: () => Promise.resolve(states) } } } as unknown as Context;
}

test.each(Object.entries(ways))('where %s, four times the accounts are looked at four times as often', async (_, look) => {
  const looksAt = async (count: number): Promise<number> => {
    const { accounts, states, looks } = heldAccounts(count);
    expect(await look(accounts, states)).toEqual([]);
    expect(await look([...accounts, 'somebody'], states)).toHaveLength(1);
    return looks();
  };
  const [one, four] = [await looksAt(100), await looksAt(400)];
  expect(one).toBeGreaterThan(0);
  expect(four / one).toBeLessThan(4.4);
});
