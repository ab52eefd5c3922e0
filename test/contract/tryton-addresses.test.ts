import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../contracts/adapter.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { outcomesOf, passing, rowOf, type TargetBench } from './target-suite.ts';
import type { RunningTryton } from './tryton-bench.ts';
import { partySamples, startSandboxTryton, trytonBench } from './tryton-bench.ts';

let system: RunningTryton;
let bench: TargetBench;
let session: Session;
let person: ErpPerson;
beforeAll(async () => {
  system = await startSandboxTryton();
  bench = await trytonBench(system);
  session = await bench.connect('runner').open();
  person = await ErpPerson.enter({ ...system, salesPassword: system.passwords.sales });
});
afterAll(async () => {
  await session.close();
  await bench.stop();
});

/** Address records of the party by the system's own tables, without who wrote them and when. */
async function records(party: number): Promise<readonly unknown[]> {
  const tables = (await (await fetch(`${system.url}/_sandbox/tables`)).json()) as Record<string, readonly Record<string, unknown>[]>;
  const rows = (tables['party.address'] ?? []).filter((row) => row['party'] === party);
  return rows.map(({ id, street, active, sequence }) => ({ id, street, active, sequence }));
}

/** A party that a person keyed; capital letters are addresses in use, small ones were closed. Numbers sort them by hand. */
async function keyed(letters: string, numbers: readonly number[] = []): Promise<number> {
  const addresses = [
    ['create', letters.split('').map((street, index) => ({ street: street.toUpperCase(), sequence: numbers[index] ?? null }))],
  ];
  const [party = 0] = (await person.call('party.party.create', [{ code: partySamples.newKey(), name: letters, addresses }])) as number[];
  const ids = await person.search('party.address', [['party', '=', party]]);
  const closed = ids.toSorted((one, other) => one - other).filter((_id, index) => /[a-z]/.test(letters[index] ?? ''));
  if (closed.length > 0) await person.call('party.address.write', closed, { active: false });
  return party;
}

test.each([
  ['another one', 'A', ['X']],
  ['one after the other', 'A', ['X', 'Y', 'XY', 'Y']],
  ['one that was closed', 'Ab', ['B']],
  ['another one, and then one that was closed', 'Ab', ['X', 'B']],
  ['one that was closed, and then another one', 'Ab', ['B', 'X']],
  ['the other order', 'AB', ['BA']],
  ['another one before the second', 'AB', ['XB']],
  ['another one before the first', 'AB', ['XA', 'AX', 'X']],
  ['one that was closed before the first', 'Ab', ['BA', 'B']],
  ['none', 'AB', ['', 'B']],
  ['another one, where one that says what the party says was closed', 'aA', ['X']],
  ['another one, where one in use says the same twice', 'AA', ['A', 'X']],
  ['others, where somebody had numbered them', 'ABc', ['AXB', 'XA', 'BC', 'CB'], [10, 20, 30]],
])(
  'a party that a person keyed gets its own address records back after it had %s',
  async (_what, letters, lists, numbers?: readonly number[]) => {
    const party = await keyed(letters, numbers);
    const before = await records(party);
    const change = async (list: string): Promise<void> => {
      const addresses = list.split('').map((street) => ({ street, city: null, postalCode: null, country: null }));
      expect(outcomesOf(await session.write('party', [rowOf('update', { addresses }, { id: String(party) })], passing))).toEqual([
        'applied',
      ]);
    };
    for (let time = 1; time <= 2; time += 1) {
      for (const list of lists) await change(list);
      await change(letters.replaceAll(/[a-z]/g, ''));
      expect(await records(party)).toEqual(before);
    }
  },
);

test('an address of ours on which somebody worked is neither edited nor deleted, but closed', async () => {
  const party = await keyed('A');
  const change = async (list: string): Promise<void> => {
    const addresses = list.split('').map((street) => ({ street, city: null, postalCode: null, country: null }));
    expect(outcomesOf(await session.write('party', [rowOf('update', { addresses }, { id: String(party) })], passing))).toEqual(['applied']);
  };
  await change('X');
  const [own = 0] = await person.search('party.address', [
    ['party', '=', party],
    ['street', '=', 'X'],
  ]);
  await person.call('party.address.write', [own], { active: true });
  await change('Y');
  expect(await records(party)).toContainEqual({ id: own, street: 'X', active: false, sequence: null });
});
