import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AllActivities } from '../../contracts/activities.ts';
import type { ArchivePort } from '../../contracts/source.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { exportedParts } from '../support/arena/archive.ts';
import { dying, startBench, type Bench } from './bench.ts';
import { takeOrder } from './orders.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

/** How often each of these records lies in the archive's folder for entry in legacy. */
async function timesExported(keys: readonly string[]): Promise<readonly number[]> {
  const exported = (await exportedParts(bench.business)).flat().map(({ key, fields }) => `${String(fields['object'])} ${key}`);
  return keys.map((key) => exported.filter((each) => each === key).length);
}

/** The activities of a worker whose archive does this where a part is put. */
function putting(put: (archive: ArchivePort, ...part: Parameters<ArchivePort['put']>) => ReturnType<ArchivePort['put']>): AllActivities {
  return dying(bench, {
    systems: async (ref) => {
      const systems = await bench.deps.systems(ref);
      return { ...systems, archive: { ...systems.archive, put: (...part) => put(systems.archive, ...part) } };
    },
  });
}

/** A new customer whom somebody enters in the new system. */
async function newCustomer(person: ErpPerson, code: string): Promise<string> {
  const addresses = [['create', [{ street: 'Markt 1', city: 'Ulm' }]]];
  return `party ${String(((await person.call('party.party.create', [{ code, name: 'New customer', addresses }])) as number[])[0])}`;
}

const order = async (person: ErpPerson, code: string, reference: string): Promise<string> =>
  `sale ${String(await takeOrder(person, code, reference))}`;

const raise = (name: string): Promise<boolean> => bench.act.raiseWave(bench.wave(name), `back-${name}-1`, 'the bench takes it back');

describe('new business while waves go back', () => {
  test('of two waves that go back at once one exports a new customer and its order, and each the orders of its own accounts', async () => {
    for (const name of ['pilot', 'east']) await bench.switchOver(await bench.bringIn(name));
    const person = await ErpPerson.enter(bench.business.erp);
    const mine = [
      await order(person, 'ERNSH', 'PHONE-PILOT'),
      await order(person, 'LINOD', 'PHONE-EAST'),
      await newCustomer(person, 'NEW'),
      await order(person, 'NEW', 'PHONE-NEW'),
    ];
    for (const name of ['pilot', 'east']) await raise(name);
    let east: Promise<number> | undefined;
    const slow = putting(async (archive, ...part) => {
      // The other wave looks and writes between the look of this one and its write.
      await (east ??= bench.act.exportNewBusiness(bench.wave('east')));
      return archive.put(...part);
    });
    const added = await slow.exportNewBusiness(bench.wave('pilot'));
    expect([added, await east]).toEqual([3, 1]);
    expect(await timesExported(mine)).toEqual([1, 1, 1, 1]);
    const of = async (name: string): Promise<readonly string[]> =>
      (await bench.ledger.exceptions.openOf(bench.ref.run, name, ['newBusiness'])).map(({ object, sourceId }) => `${object} ${sourceId}`);
    expect([await of('pilot'), await of('east')]).toEqual([[mine[2], mine[0], mine[3]], [mine[1]]]);
  });

  test.each([
    ['before it is', () => Promise.reject(new Error('the worker died'))],
    [
      'after it was',
      async (archive: ArchivePort, ...part: Parameters<ArchivePort['put']>) => {
        await archive.put(...part);
        throw new Error('the worker died');
      },
    ],
  ] as const)(
    'what a worker exports that dies %s written is exported once, also where more came in before the next try',
    async (_, put) => {
      const person = await ErpPerson.enter(bench.business.erp);
      const first = await order(person, 'ERNSH', 'PHONE-A');
      await expect(putting(put).exportNewBusiness(bench.wave('pilot'))).rejects.toThrow('the worker died');
      const second = await order(person, 'ERNSH', 'PHONE-B');
      expect(await bench.act.exportNewBusiness(bench.wave('pilot'))).toBe(1);
      expect(await bench.act.exportNewBusiness(bench.wave('pilot'))).toBe(0);
      expect(await timesExported([first, second])).toEqual([1, 1]);
    },
  );
});
