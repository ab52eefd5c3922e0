import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operation, RowOutcome, Session, TargetPort } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { startSandboxTryton, trytonBench } from '../contract/tryton-bench.ts';
import type { TargetBench } from '../contract/target-suite.ts';

let bench: TargetBench;
let port: TargetPort;
let session: Session;
beforeAll(async () => {
  bench = await trytonBench(await startSandboxTryton());
  port = bench.connect('runner');
  session = await port.open();
});
afterAll(async () => {
  await session.close();
  await port.dispose();
  await bench.stop();
});

interface Attempt {
  readonly object: string;
  readonly operation?: Operation;
  readonly fields?: Fields;
  readonly id?: string;
  readonly stamp?: string;
}

/** What the adapter answers for one row. */
async function write({ object, operation = 'create', fields = {}, id, stamp }: Attempt): Promise<RowOutcome | undefined> {
  const row = { effectId: randomUUID(), operation, id: id ?? null, fields, stamp: stamp ?? null };
  return (await session.write(object, [row], { signal: new AbortController().signal, beforeSend: () => undefined }))[0];
}

const sentence = async (attempt: Attempt): Promise<string> => {
  const outcome = await write(attempt);
  return outcome !== undefined && 'message' in outcome ? outcome.message : 'written';
};

const party = { code: 'C-1', name: 'Alfreds' };

test.each<[string, Attempt, RegExp]>([
  ['a field the object does not have', { object: 'party', fields: { colour: 'blue' } }, /no field colour; name one of: code, name/],
  ['a text that is none', { object: 'party', fields: { ...party, name: 7 } }, /name must be text; correct its rule in the mapping/],
  ['a kind of product that is none', { object: 'product', fields: { kind: 'magic' } }, /kind must be goods or service; correct its rule/],
  [
    'a country nobody set up',
    { object: 'party', fields: { ...party, addresses: [{ street: 'A', city: 'B', postalCode: '1', country: 'QQ' }] } },
    /Tryton has no country "QQ"; have finance set it up/,
  ],
  ['a sale without lines', { object: 'sale', fields: { party: '1' } }, /lines must hold at least one line, .*; correct its rule/],
  ['an operation the object does not take', { object: 'tax' }, /cannot be written by create; match them only$/],
  ['another one', { object: 'party', operation: 'annotate', id: '1' }, /by annotate; what it takes is create, update, delete/],
  [
    'a record that is gone',
    { object: 'party', operation: 'update', id: '987654', fields: party },
    /is gone from Tryton; ask who deleted it/,
  ],
  [
    'a stamp that is none',
    { object: 'party', operation: 'deactivate', id: '1', stamp: 'yesterday' },
    /not the stamp of a Tryton record; read the record again/,
  ],
])('refuses %s by the plan’s name of the system, with what to do', async (_what, attempt, words) => {
  const said = await sentence(attempt);
  expect(said).toMatch(/^erp: /);
  expect(said).toMatch(words);
  expect(said.match(/erp: /g)).toHaveLength(1);
});

test('what Tryton itself refuses names the system once too', async () => {
  const code = `C-${randomUUID().slice(0, 8)}`;
  expect(await write({ object: 'party', fields: { ...party, code } })).toMatchObject({ outcome: 'applied' });
  const said = await sentence({ object: 'party', fields: { ...party, code } });
  expect(said).toMatch(/^erp: .*must be unique/);
  expect(said.match(/erp: /g)).toHaveLength(1);
});

test('a search by a field the object does not have is refused in the same way', async () => {
  await expect(port.findByFields('party', [{ colour: 'blue' }])).rejects.toMatchObject({
    system: 'erp',
    message: expect.stringMatching(/^erp: .*no field colour; name one of: code, name/) as unknown,
  });
});

test('a search that many records answer loosely still finds the one that answers it exactly, and more than one', async () => {
  const create = (some: readonly (readonly [string, string])[]): Promise<readonly RowOutcome[]> =>
    session.write(
      'party',
      some.map(([code, name]) => ({ effectId: code, operation: 'create' as const, id: null, fields: { code, name }, stamp: null })),
      { signal: new AbortController().signal, beforeSend: () => undefined },
    );
  for (let page = 0; page < 11; page += 1) {
    const loose = Array.from({ length: 100 }, (_, place) => [`L-${String(page)}-${String(place)}`, `Loose ${String(place)}`] as const);
    expect(new Set((await create(loose)).map(({ outcome }) => outcome))).toEqual(new Set(['applied']));
  }
  await create([['L-EXACT', 'Loose']]);
  const codes = async () =>
    (await port.findByFields('party', [{ name: 'loose' }])).map((found) => found.map(({ fields }) => fields['code']));
  expect(await codes()).toEqual([['L-EXACT']]);
  await create([['L-TWIN', 'LOOSE']]);
  expect(await codes()).toEqual([['L-EXACT', 'L-TWIN']]);
});

test('fifty records are searched for in one call, however many others the target has', async () => {
  const wanted = Array.from({ length: 50 }, (_, place) => `L-0-${String(place)}`);
  let calls = 0;
  const count = (): void => {
    calls += 1;
  };
  subscribe('undici:request:create', count);
  const found = await port.findByFields(
    'party',
    wanted.map((code) => ({ code })),
  );
  unsubscribe('undici:request:create', count);
  expect(found.map((some) => some.map(({ fields }) => fields['code']))).toEqual(wanted.map((code) => [code]));
  expect(calls).toBe(1);
});
