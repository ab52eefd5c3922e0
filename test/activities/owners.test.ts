import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import { loadLane } from '../../activities/load/load-lane.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { inActivity } from './alone.ts';
import { load, only, stage, startLoadBench, write, type LoadBench } from './load-bench.ts';

const address = { street: 'Obere Str. 57', city: 'Berlin', country: 'DE' };
const notToday = '{"error":["UserError",["Not today.","",null]]}';
let bench: LoadBench;
let ref: WaveRef;
let [first, second, phone, postalCode] = ['', '', '', ''];
let party = '';

beforeAll(async () => {
  bench = await startLoadBench();
});
afterAll(() => bench.stop());
/** A party that was there before us, and two customers who both have its phone and postal code. */
beforeEach(async () => {
  ref = await bench.begin();
  const key = randomUUID().slice(0, 8);
  [first, second, phone, postalCode] = [`A-${key}`, `B-${key}`, `030-${key}`, key];
  const there = { code: `P-${key}`, name: 'There before', contactPerson: 'Ann', phone, fax: null };
  await write(bench.person, 'party', 'create', { ...there, addresses: [{ ...address, postalCode }] });
  party = (await only(bench.person, 'party', `P-${key}`)).id;
});

const source = (id: string) => ({
  ...{ customer_id: id, company_name: `Company ${id}`, contact_person: 'Ann', phone, fax: null },
  addresses: [{ ...address, postalCode }],
});
const stageBoth = async (wave = ref, ids = [first, second]): Promise<void> => {
  for (const id of ids) await stage(bench, wave, 'customer', id, source(id));
};
/** The party with all that a mixture of two customers would show in. */
const seen = async () => {
  const [record] = await bench.person.get('party', [party]);
  return [record?.fields['code'], record?.fields['name']];
};
const doubtful = async () =>
  (await bench.ledger.exceptions.openOf(ref.run)).map(({ sourceId, kind, message }) => [
    sourceId,
    kind,
    message.includes(`stands for customer ${first}`),
  ]);
const isWhole = async (): Promise<void> => {
  expect(await seen()).toEqual([first, `Company ${first}`]);
  expect(await doubtful()).toEqual([[second, 'twoMatches', true]]);
};

test('of two customers of one batch with the phone of one party the first takes it over, and the second is an exception that names both', async () => {
  await stageBoth();
  expect(await load(bench, ref, 'customer')).toEqual(['done']);
  await isWhole();
  expect(await load(bench, ref, 'customer')).toEqual(['done']);
  await isWhole();
});

test('in two lanes at once one of the two takes the party over, and the other is an exception; neither lane fails', async () => {
  await stageBoth();
  const lanes = await bench.ledger.lanes.plan({ ...ref, kind: 'load', object: 'customer' }, [first, second], 1);
  const ends = await Promise.all(lanes.map((lane) => inActivity(() => loadLane(bench.deps)(ref, lane))));
  expect(ends.map(({ end }) => end)).toEqual(['done', 'done']);
  if ((await seen())[0] === second) [first, second] = [second, first];
  await isWhole();
});

test('the customer of a later wave is an exception too', async () => {
  await stageBoth(ref, [first]);
  expect(await load(bench, ref, 'customer')).toEqual(['done']);
  await bench.ledger.waves.plan(ref.run, ['pilot', 'later']);
  const later = { ...ref, wave: 'later' };
  await bench.ledger.waves.move(later, 'loading');
  await stageBoth(later, [second]);
  expect(await load(bench, later, 'customer')).toEqual(['done']);
  await isWhole();
});

test('a customer that the target refused to write gives the party up, and the other one may take it over', async () => {
  await bench.fault({ match: { bodyIncludes: 'party.party.write' }, action: 'reject', status: 200, body: notToday });
  await stageBoth(ref, [first]);
  expect(await load(bench, ref, 'customer')).toEqual(['done']);
  await bench.fault(null);
  expect((await bench.ledger.exceptions.openOf(ref.run)).map(({ kind }) => kind)).toEqual(['refused']);
  await stageBoth(ref, [second]);
  const [lane = 0] = await bench.ledger.lanes.plan({ ...ref, kind: 'load', object: 'customer' }, [second], 1);
  expect((await inActivity(() => loadLane(bench.deps)(ref, lane))).end).toBe('done');
  expect((await seen())[0]).toBe(second);
});

const vanish = async (id: string): Promise<void> => {
  const { scope } = await bench.ledger.runs.get(ref.run);
  const gone = {
    object: 'customer',
    sourceId: id,
    account: id,
    wave: ref.wave,
    hash: 'gone',
    payload: source(id),
    disposition: 'gone',
  } as const;
  await bench.ledger.records.stage(scope ?? '', await bench.ledger.stagings.begin(ref), [gone]);
};

test('a customer whose party we had written for one that is gone from legacy is told so, with what to do', async () => {
  await stageBoth(ref, [first]);
  expect(await load(bench, ref, 'customer')).toEqual(['done']);
  await vanish(first);
  await stageBoth(ref, [second]);
  await load(bench, ref, 'customer');
  expect(await seen()).toEqual([first, `Company ${first}`]);
  const told = (await bench.ledger.exceptions.openOf(ref.run)).filter(({ kind }) => kind === 'twoMatches');
  expect(told).toMatchObject([
    {
      sourceId: second,
      message: expect.stringMatching(new RegExp(`still stands for customer ${first}, which is gone from the legacy system`)) as unknown,
    },
  ]);
});

test('a customer whose party was only recognised for one that is gone from legacy takes it over, and a customer that comes back does not', async () => {
  const [there] = await bench.person.get('party', [party]);
  const same = { ...source(first), customer_id: there?.fields['code'], company_name: 'There before' };
  await stage(bench, ref, 'customer', first, same as never);
  expect(await load(bench, ref, 'customer')).toEqual(['done']);
  expect((await bench.ledger.effects.listTargets(ref.run, 'pilot', 1)).length).toBe(0);
  await vanish(first);
  await stageBoth(ref, [second]);
  expect(await load(bench, ref, 'customer')).toEqual(['done']);
  expect(await doubtful()).toEqual([]);
  expect((await seen())[0]).toBe(second);
  await stage(bench, ref, 'customer', first, { ...source(first), customer_id: second });
  await load(bench, ref, 'customer');
  expect((await bench.ledger.exceptions.openOf(ref.run)).map(({ sourceId, kind }) => [sourceId, kind])).toEqual([[first, 'twoMatches']]);
});

test('two terms that match one term of the target: the second is an exception that names both, unless the plan lets many map to one', async () => {
  const payload = (code: string) => ({ code, terms_code: code, name: 'Net 30' });
  for (const code of ['N30', 'NET30']) await stage(bench, ref, 'terms', code, payload(code));
  expect(await load(bench, ref, 'terms')).toEqual(['done']);
  const owned = await bench.ledger.exceptions.openOf(ref.run);
  expect(owned).toMatchObject([
    { sourceId: 'NET30', kind: 'twoMatches', message: expect.stringContaining('stands for terms N30') as unknown },
  ]);
  for (const object of bench.plan.objects) object.manyToOne = object.name === 'terms';
  expect(await load(bench, ref, 'terms')).toEqual(['done']);
  expect(await bench.ledger.exceptions.openOf(ref.run)).toEqual([]);
  const { scope } = await bench.ledger.runs.get(ref.run);
  const rows = await bench.ledger.crosswalk.bySource(scope ?? '', 'terms', ['N30', 'NET30']);
  expect(rows.map(({ sourceId, owner }) => [sourceId, owner]).sort()).toEqual([
    ['N30', true],
    ['NET30', false],
  ]);
  expect(new Set(rows.map(({ targetId }) => targetId)).size).toBe(1);
});
