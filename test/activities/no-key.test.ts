import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadLane } from '../../activities/load/load-lane.ts';
import { planLoad } from '../../activities/load/plan-load.ts';
import { finishUndo } from '../../activities/rollback/finish-undo.ts';
import { endSessions, raiseWave, settleOpen } from '../../activities/rollback/raise.ts';
import type { TargetRecord } from '../../contracts/adapter.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { inActivity } from './alone.ts';
import { load, stage, startLoadBench, write, type LoadBench } from './load-bench.ts';

let bench: LoadBench;
let ref: WaveRef;
let name = '';

beforeAll(async () => {
  bench = await startLoadBench(3_000);
});
afterAll(() => bench.stop());
afterEach(() => bench.fault(null));
beforeEach(async () => {
  ref = await bench.begin();
  name = `Chai ${randomUUID().slice(0, 8)}`;
});

/** Stages a product that has no number in legacy. */
const stageProduct = (sourceId: string, code: string | null = null) =>
  stage(bench, ref, 'product', sourceId, { code, name, list_price: '18.00', kind: 'goods' });
/** Products of that name, as a person in the target finds them. */
const there = async (): Promise<readonly TargetRecord[]> => (await bench.person.findByFields('product', [{ name }]))[0] ?? [];
const told = async () => (await bench.ledger.exceptions.openOf(ref.run)).map(({ kind, sourceId, message }) => [sourceId, kind, message]);
const lose = (action: 'loseResponse' | 'reset') => bench.fault({ match: { bodyIncludes: 'product.template.create' }, action, times: 1 });
const ambiguous = expect.stringContaining('has no code by which it could be looked for') as unknown;

test('a product without a number whose answer was lost is found by what was sent, and made once', async () => {
  await stageProduct('1');
  await lose('loseResponse');
  expect(await load(bench, ref, 'product')).toEqual(['done']);
  const [made, ...more] = await there();
  expect(more).toEqual([]);
  const { scope } = await bench.ledger.runs.get(ref.run);
  expect(await bench.ledger.crosswalk.bySource(scope ?? '', 'product', ['1'])).toMatchObject([{ targetId: made?.id, origin: 'created' }]);
  expect(await told()).toEqual([]);
  expect(await load(bench, ref, 'product')).toEqual([]);
});

test('one that never arrived is sent again, whoever keeps a product of the same name', async () => {
  await write(bench.person, 'product', 'create', { name, listPrice: '18.00', kind: 'goods', unit: 'Unit', salable: true });
  await stageProduct('1');
  await lose('reset');
  expect(await load(bench, ref, 'product')).toEqual(['done']);
  expect((await there()).map(({ createdByUs }) => createdByUs)).toEqual([true, false]);
  expect(await told()).toEqual([]);
});

test('two that look the same are exceptions that say what to do; the load ends, and neither is made twice', async () => {
  await stageProduct('1');
  await stageProduct('2');
  await lose('loseResponse');
  expect(await load(bench, ref, 'product')).toEqual(['done']);
  expect((await told()).toSorted()).toEqual([
    ['1', 'ambiguousOutcome', ambiguous],
    ['2', 'ambiguousOutcome', ambiguous],
  ]);
  expect(await there()).toHaveLength(2);
  expect(await load(bench, ref, 'product')).toEqual(['done']);
  expect(await there()).toHaveLength(2);
});

test('one that somebody changed there before anybody looked is an exception, the rollback that finds it ends, and the next attempt makes it only once it has a number', async () => {
  await stageProduct('1');
  await lose('loseResponse');
  await bench.ledger.runs.beatGuard(ref.run);
  const [lane = 0] = await inActivity(() => planLoad(bench.deps)(ref, 'product'));
  expect(await inActivity(() => loadLane(bench.deps)(ref, lane))).toMatchObject({ end: 'wait' });
  const [made] = await there();
  await write(bench.person, 'product', 'update', { listPrice: '19.00' }, made?.id ?? null);
  await raiseWave(bench.deps)(ref, 'back', 'the bench takes it back');
  await inActivity(() => endSessions(bench.deps)(ref));
  const settle = () => inActivity(() => settleOpen(bench.deps)(ref));
  for (let { open, waitMs } = await settle(); open > 0; { open, waitMs } = await settle())
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  expect(await inActivity(() => finishUndo(bench.deps)(ref))).toMatchObject({ state: 'rolledBackWithExceptions' });
  expect(await told()).toEqual([['1', 'ambiguousOutcome', ambiguous]]);
  const prices = async (): Promise<readonly unknown[]> => (await there()).map(({ fields }) => fields['listPrice']).sort();
  expect(await prices()).toEqual(['19.00']);

  ref = { ...ref, attempt: 2 };
  expect(await bench.ledger.waves.begin(ref, 'attempt')).toBe('begun');
  await bench.ledger.waves.move(ref, 'loading');
  expect(await load(bench, ref, 'product')).toEqual(['done']);
  expect(await prices()).toEqual(['19.00']);
  await stage(bench, ref, 'product', '1', { code: null, name, list_price: '21.00', kind: 'goods' });
  expect(await load(bench, ref, 'product')).toEqual(['done']);
  expect(await prices()).toEqual(['19.00']);
  expect(await told()).toContainEqual(['1', 'twoMatches', expect.stringContaining('it is not sent again') as unknown]);
  await stageProduct('1', `C${name.slice(-8)}`);
  expect(await load(bench, ref, 'product')).toEqual(['done']);
  expect(await prices()).toEqual(['18.00', '19.00']);
  expect((await told()).map(([, kind]) => kind)).toEqual(['ambiguousOutcome']);
});
