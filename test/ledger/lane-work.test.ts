import { beforeAll, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { NewEffect } from '../../ledger/effect-row.ts';
import { useLedger } from './fresh-ledger.ts';

const run = 'cutover/lane-work/1';
const pilot = { run, wave: 'pilot', attempt: 1 };
const ledger = useLedger();
beforeAll(async () => {
  await ledger().runs.open(run, 'plan', 'env');
  await ledger().runs.bindScope(run, 'lane-work', 0);
  await ledger().waves.plan(run, ['shared', 'pilot']);
  await ledger().waves.move(pilot, 'loading');
  await ledger().runs.beatGuard(run);
});

const customers = (...keys: readonly string[]) => ledger().lanes.plan({ ...pilot, kind: 'load', object: 'customer' }, keys, 2);
const work = async () => (await ledger().lanes.work(run)).map(({ wave, kind, object, done, total }) => [wave, kind, object, done, total]);

test('what is under way counts the lanes that are done, what the others wrote so far, and the time since the first session', async () => {
  const [first = 0, second = 0] = await customers('A', 'B', 'C', 'D', 'E');
  expect(await work()).toEqual([['pilot', 'load', 'customer', 0, 5]]);
  expect((await ledger().lanes.work(run))[0]?.elapsedMs).toBeNull();
  const claim = await ledger().lanes.claim(first, 60_000);
  const token = 'token' in claim ? claim.token : 0;
  await ledger().lanes.openSession(first, token, 'erp', 'session');
  await ledger().lanes.finish(first, token);
  await ledger().lanes.count(second, { applied: 1, refused: 0 });
  expect(await work()).toEqual([['pilot', 'load', 'customer', 3, 5]]);
  expect((await ledger().lanes.work(run))[0]?.elapsedMs).toBeGreaterThanOrEqual(0);
});

test('of a lane that has not counted itself the writes count that have an answer', async () => {
  const [lane = 0] = await customers('G', 'H');
  const claim = await ledger().lanes.claim(lane, 60_000);
  const token = { scope: 'lane-work', ...pilot, lane, token: 'token' in claim ? claim.token : 0 };
  const effects = ['G', 'H'].map((sourceId): NewEffect => ({
    ...{ id: randomUUID(), system: 'erp', object: 'customer', targetObject: 'party', sourceId, operation: 'create', revision: 1 },
    ...{ contentHash: sourceId, fields: { code: sourceId }, before: null, targetId: null, origin: 'created', undoes: null },
  }));
  await ledger().calls.intend(token, effects, 1_000);
  expect(await work()).toEqual([['pilot', 'load', 'customer', 0, 2]]);
  const [first] = effects.map(({ id }) => ({ n: 1, row: { effectId: id, outcome: 'applied' as const, id: 'T 1' } }));
  await ledger().calls.receive(token, first === undefined ? [] : [first], false);
  expect(await work()).toEqual([['pilot', 'load', 'customer', 1, 2]]);
});

test('lanes that were planned again stand for those before them, and nothing is under way when they are done or the wave has gone on', async () => {
  const [again = 0] = await customers('E');
  expect(await work()).toEqual([['pilot', 'load', 'customer', 0, 1]]);
  await ledger().lanes.finish(again, 0);
  expect(await work()).toEqual([]);
  await customers('F');
  await ledger().waves.raise('back', pilot);
  expect(await work()).toEqual([]);
});
