import { expect, test } from 'vitest';
import { beginning, markOfPlace, placeOfMark, placeOfRow, type Place } from '../../activities/run/account-parts.ts';
import { readRows } from '../../activities/run/read-rows.ts';
import type { SourceRow } from '../../contracts/source.ts';
import { inActivity } from './alone.ts';

/** Two rows for each of so many accounts, every account among them once as the tables hold it, and the first ten spelled another way too. */
const accounts = Array.from({ length: 12_000 }, (_, index) => `K${String(index).padStart(5, '0')}`);
const asked = [...accounts.toReversed(), ...accounts.slice(0, 10).map((account) => `${account} `)];
const rows: readonly SourceRow[] = ['a', 'b'].flatMap((kind) =>
  accounts.map((account, index) => ({ key: `${kind}${String(index)}`, account, fields: {} })),
);

/** A legacy system in which blanks behind an account mean nothing, in pages of 500 rows; `carried` are the accounts that each page carried. */
function legacy(): { readonly sys: never; readonly carried: number[] } {
  const carried: number[] = [];
  const written = (some: readonly string[]): readonly string[] => [...new Set(some.map((account) => account.trimEnd()))];
  const source = {
    written: (some: readonly string[]) => Promise.resolve(written(some)),
    read: (_: string, page: { readonly after: string | null; readonly accounts: readonly string[] }) => {
      carried.push(page.accounts.length);
      const own = new Set(written(page.accounts));
      const behind = rows.filter(({ key, account }) => own.has(account ?? '') && key > (page.after ?? ''));
      const found = behind.toSorted((one, other) => (one.key < other.key ? -1 : 1)).slice(0, 500);
      return Promise.resolve({ rows: found, next: found.length === 500 ? (found.at(-1)?.key ?? null) : null });
    },
    count: () => Promise.resolve(rows.length),
  };
  return { sys: { source } as never, carried };
}

function read(sys: never, some: readonly string[], behind?: Place): Promise<readonly SourceRow[]> {
  return inActivity(async () => {
    const found: SourceRow[] = [];
    for await (const page of readRows({ sys }, 'orders', some, behind)) found.push(...page);
    return found;
  });
}
const keysOf = (some: readonly SourceRow[]): readonly string[] => some.map(({ key }) => key).toSorted();

test('the rows of many accounts are read each once, however an account is spelled, and no page carries more accounts than a part has', async () => {
  const { sys, carried } = legacy();
  expect(keysOf(await read(sys, asked))).toEqual(keysOf(rows));
  expect(Math.max(...carried)).toBeLessThan(4_400);
});

test('a few accounts are read in one part, in the order of their keys', async () => {
  const { sys, carried } = legacy();
  const found = (await read(sys, accounts.slice(0, 5_000))).map(({ key }) => key);
  expect(found).toEqual(found.toSorted());
  expect(new Set(carried)).toEqual(new Set([5_000]));
});

test('a reading goes on behind any of its rows, though accounts came and went meanwhile, and reads the rest once', async () => {
  const { sys } = legacy();
  const begin = beginning(accounts);
  const all = await read(sys, accounts, begin);
  const [left, stayed] = [new Set(accounts.slice(0, 1_500)), accounts.slice(1_500)];
  for (const place of [0, 1, 499, 500, 7_777, 12_000, 20_001, all.length - 1]) {
    const last = all[place];
    if (last === undefined) throw new Error('there is no such row');
    const told = placeOfMark(markOfPlace(placeOfRow(last, begin)));
    const rest = all.slice(place + 1).filter(({ account }) => !left.has(account ?? ''));
    expect((await read(sys, stayed, told)).map(({ key }) => key)).toEqual(rest.map(({ key }) => key));
  }
});
