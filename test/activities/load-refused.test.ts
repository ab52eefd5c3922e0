import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { contextOf } from '../../activities/deps.ts';
import { takenBackOf } from '../../activities/gates/taken-back.ts';
import { loadLane } from '../../activities/load/load-lane.ts';
import { planLoad } from '../../activities/load/plan-load.ts';
import { raiseWave } from '../../activities/rollback/raise.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { inActivity } from './alone.ts';
import { load, only, startLoadBench, type LoadBench } from './load-bench.ts';
import { slowDeps } from './slow.ts';
import { customerOfOrders, newNumber, stageFreight } from './orders.ts';

const notToday = { action: 'reject', status: 200, body: '{"error":["UserError",["Not today.","",null]]}' } as const;
let bench: LoadBench;
let ref: WaveRef;
let customer = '';

beforeAll(async () => {
  bench = await startLoadBench(6_000);
});
afterAll(() => bench.stop());
afterEach(() => bench.fault(null));
beforeEach(async () => {
  ref = await bench.begin();
  customer = await customerOfOrders(bench, ref);
});

const stageOrder = (number: string): Promise<void> => stageFreight(bench, ref, customer, number);
const exceptions = async () =>
  (await bench.ledger.exceptions.openOf(ref.run)).map(({ sourceId, kind, message }) => [sourceId, kind, message]);
const words = expect.stringContaining('Not today.') as unknown as string;

test('one sale that the target will not quote holds up no other of its batch, and stands nowhere', async () => {
  const numbers = [newNumber(), newNumber()].sort();
  for (const number of numbers) await stageOrder(number);
  await bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, ...notToday, times: 2 });
  expect(await load(bench, ref, 'order')).toEqual(['done']);
  const [bad, good] = numbers;
  expect(await bench.person.findByKey('sale', [bad ?? ''])).toEqual([]);
  expect(await only(bench.person, 'sale', good ?? '')).toMatchObject({ state: 'quotation' });
  expect(await exceptions()).toEqual([[bad, 'refused', words]]);
  expect(await load(bench, ref, 'order')).toEqual(['done']);
  expect(await only(bench.person, 'sale', bad ?? '')).toMatchObject({ state: 'quotation' });
  expect(await exceptions()).toEqual([]);
});

test('what a target refused before a lane was stopped by the rollback of its wave is told at the retry gate in its words', async () => {
  const numbers = [newNumber(), newNumber()].sort();
  for (const number of numbers) await stageOrder(number);
  // Both are refused as one, then the first alone; in that moment the wave is taken back.
  await bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, ...notToday, times: 2, delayMs: 200 });
  await bench.ledger.runs.beatGuard(ref.run);
  const [lane = 0] = await inActivity(() => planLoad(bench.deps)(ref, 'order'));
  const running = inActivity(() => loadLane(bench.deps)(ref, lane));
  while ((await bench.faultHits()) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  await raiseWave(bench.deps)(ref, 'back', 'the bench takes it back');
  expect(await running).toMatchObject({ end: 'fenced' });
  expect(await exceptions()).toEqual([]);
  const told = await takenBackOf(await contextOf(bench.deps, ref), ref.wave);
  expect(told?.found).toEqual({
    count: 1,
    samples: [expect.stringMatching(new RegExp(`^order ${String(numbers[0])}, refused: .*Not today\\.`))],
  });
});

test('a draft that can neither be quoted nor deleted is owned, is an exception in the words of the target, and is completed once it can', async () => {
  const number = newNumber();
  await stageOrder(number);
  await bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, ...notToday });
  await bench.fault({ match: { bodyIncludes: 'sale.sale.delete' }, ...notToday });
  expect(await load(bench, ref, 'order')).toEqual(['done']);
  const draft = await only(bench.person, 'sale', number);
  expect(draft.state).toBe('draft');
  expect(await exceptions()).toEqual([[number, 'refused', words]]);
  const { scope } = await bench.ledger.runs.get(ref.run);
  expect(await bench.ledger.crosswalk.bySource(scope ?? '', 'order', [number])).toMatchObject([{ targetId: draft.id, origin: 'created' }]);
  await bench.fault(null);
  expect(await load(bench, ref, 'order')).toEqual(['done']);
  expect(await only(bench.person, 'sale', number)).toMatchObject({ id: draft.id, state: 'quotation' });
  expect(await exceptions()).toEqual([]);
  expect(await load(bench, ref, 'order')).toEqual([]);
});

describe('a claim of a lane that slept', () => {
  let lane = 0;
  let number = '';
  beforeEach(async () => {
    number = newNumber();
    await stageOrder(number);
    await bench.ledger.runs.beatGuard(ref.run);
    lane = (await inActivity(() => planLoad(bench.deps)(ref, 'order')))[0] ?? 0;
  });
  const call = (deps = bench.deps) => inActivity(() => loadLane(deps)(ref, lane));
  const refuseOnce = () => bench.fault({ match: { bodyIncludes: 'sale.sale.quote' }, ...notToday, times: 1 });

  test('since the target refused its record opens nothing about it, once a later claim has brought it there', async () => {
    await refuseOnce();
    const slept = slowDeps(bench.deps, 'records', 'accountsOf', async () => {
      expect(await call()).toMatchObject({ end: 'done', written: 1 });
    });
    expect(await call(slept)).toMatchObject({ end: 'held', failed: 1 });
    expect(await only(bench.person, 'sale', number)).toMatchObject({ state: 'quotation' });
    expect(await exceptions()).toEqual([]);
  });

  test('since it found nothing wrong with a record closes nothing that a later claim has told of it', async () => {
    const slept = slowDeps(bench.deps, 'exceptions', 'closeByLane', async () => {
      await refuseOnce();
      expect(await call()).toMatchObject({ end: 'done', failed: 1 });
    });
    expect(await call(slept)).toMatchObject({ end: 'held' });
    expect(await exceptions()).toEqual([[number, 'refused', words]]);
  });
});
