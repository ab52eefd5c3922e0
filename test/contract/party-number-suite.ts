import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RowOutcome, Session, TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { Entered, TargetBench } from './target-suite.ts';
import { enter, idOf, outcomesOf, passing, rowOf, startWithinMs, textOf } from './target-suite.ts';
import { partySamples } from './tryton-bench.ts';

/** A party that Tryton numbered itself can take no other number: what the adapter does with ours. */
export function partyNumberSuite(name: string, make: () => Promise<TargetBench>): void {
  describe(`${name}: numbers of parties`, () => {
    let entered: Entered;
    let port: TargetPort;
    let session: Session;
    beforeAll(async () => {
      entered = await enter(make);
      ({ port, session } = entered);
    }, startWithinMs);
    afterAll(() => entered.leave());

    const read = async (id: string): Promise<TargetRecord> => (await port.get('party', [id]))[0]!;
    const renumber = (record: TargetRecord, fields: Fields): Promise<readonly RowOutcome[]> =>
      session.write('party', [rowOf('update', fields, record)], passing);
    const codeOf = ({ fields }: TargetRecord): string => textOf(fields['code']);
    const numbered = async (): Promise<TargetRecord> => {
      const { code, ...unnumbered } = partySamples.record(partySamples.newKey());
      expect(code).not.toBeNull();
      return read(idOf((await session.write('party', [rowOf('create', unnumbered)], passing))[0]));
    };

    test('gives a party that has a number ours, finds it by ours and by its own, and gives it its own back', async () => {
      const party = await numbered();
      const own = codeOf(party);
      expect(own).toMatch(/^\d+$/);
      for (const key of [partySamples.newKey(), partySamples.newKey()]) {
        expect(outcomesOf(await renumber(await read(party.id), { code: key, fax: '030-5' }))).toEqual(['applied']);
        expect((await read(party.id)).fields).toEqual({ ...party.fields, code: key, fax: '030-5' });
        expect((await port.findByKey('party', [key])).map(({ id, key: found }) => [id, found])).toEqual([[party.id, key]]);
        expect((await port.findByFields('party', [{ code: key.toLowerCase() }])).map((found) => found.map(({ id }) => id))).toEqual([
          [party.id],
        ]);
        expect((await port.findByKey('party', [own])).map(({ id }) => id)).toEqual([party.id]);
      }
      const ours = await read(party.id);
      expect(ours.stamp).not.toBe(party.stamp);
      await session.write('party', [rowOf('deactivate', {}, ours)], passing);
      expect((await port.findByKey('party', [codeOf(ours)])).map(({ id, state }) => [id, state])).toEqual([[party.id, 'inactive']]);
      await session.write('party', [rowOf('reactivate', {}, await read(party.id))], passing);
      expect(outcomesOf(await renumber(await read(party.id), { code: own, fax: party.fields['fax'] ?? null }))).toEqual(['applied']);
      expect((await read(party.id)).fields).toEqual(party.fields);
      expect(await port.findByKey('party', [codeOf(ours)])).toEqual([]);
    });

    test('takes a number that the party already has, in a write of its other fields, and refuses one that was read too long ago', async () => {
      const party = await numbered();
      expect(outcomesOf(await renumber(party, { code: party.fields['code'] ?? null, name: 'Chang' }))).toEqual(['applied']);
      expect((await read(party.id)).fields['name']).toBe('Chang');
      expect(outcomesOf(await renumber(party, { code: partySamples.newKey() }))).toEqual(['rejected conflict']);
    });
  });
}
