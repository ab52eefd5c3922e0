import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { NewEffect } from '../../ledger/effect-row.ts';
import type { LaneToken } from '../../ledger/tokens.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { sharedStack } from '../support/arena/shared-stack.ts';
import { useLedger } from './fresh-ledger.ts';

const run = 'cutover/creates/1';
const pilot = { run, wave: 'pilot', attempt: 1 };
const ledger = useLedger();
let lane: LaneToken;
let statements = 0;
/** The next commit is sent once this is over. */
let beforeCommit: (() => Promise<void>) | null = null;
const query = Reflect.get(pg.Client.prototype, 'query') as (...args: unknown[]) => unknown;

beforeAll(async () => {
  await ledger().runs.open(run, 'plan', 'env');
  await ledger().runs.bindScope(run, 'creates', 0);
  await ledger().waves.plan(run, ['shared', 'pilot']);
  await ledger().waves.move(pilot, 'loading');
  await ledger().runs.beatGuard(run);
  lane = await claimed();
  Object.defineProperty(pg.Client.prototype, 'query', {
    value(this: pg.Client, ...args: unknown[]): unknown {
      statements += 1;
      if (beforeCommit === null || args[0] !== 'commit') return query.apply(this, args);
      const ready = beforeCommit();
      beforeCommit = null;
      return ready.then(() => query.apply(this, args));
    },
  });
});
afterAll(() => {
  Object.defineProperty(pg.Client.prototype, 'query', { value: query });
});

async function claimed(): Promise<LaneToken> {
  const [id = 0] = await ledger().lanes.plan({ ...pilot, kind: 'load', object: 'customer' }, ['A'], 1);
  const claim = await ledger().lanes.claim(id, 60_000);
  if (!('token' in claim)) throw new Error(`the lane was not claimed: ${claim.refused}`);
  return { scope: 'creates', ...pilot, lane: id, token: claim.token };
}

const create = (sourceId: string): NewEffect => ({
  ...{ id: randomUUID(), system: 'erp', object: 'customer', targetObject: 'party', sourceId, operation: 'create', revision: 1 },
  ...{ contentHash: sourceId, fields: { code: sourceId }, before: null, targetId: null, origin: 'created', undoes: null },
});
const made = (effects: readonly NewEffect[]) =>
  effects.map(({ id, sourceId }) => ({ n: 1, row: { effectId: id, outcome: 'applied' as const, id: `T ${sourceId}` } }));
const opened = (effects: readonly NewEffect[]) => ({ opened: effects.map(({ id }) => ({ id, n: 1 })), taken: [], barred: [] });
const known = async (effects: readonly NewEffect[]) =>
  (
    await ledger().crosswalk.bySource(
      'creates',
      'customer',
      effects.map(({ sourceId }) => sourceId),
    )
  )
    .map(({ sourceId, targetId, liveEffect }) => [sourceId, targetId, liveEffect])
    .toSorted();
const entered = (effects: readonly NewEffect[]) => effects.map(({ id, sourceId }) => [sourceId, `T ${sourceId}`, id]).toSorted();

test('creates of records that nothing knows are intended in one statement, and received in one transaction of two', async () => {
  const effects = Array.from({ length: 200 }, (_, index) => create(`A${String(index)}`));
  statements = 0;
  expect(await ledger().calls.intend(lane, effects, 1_000)).toEqual(opened(effects));
  expect(statements).toBe(1);
  expect(await ledger().calls.receive(lane, made(effects), false)).toBe(0);
  expect(statements).toBe(5);
  expect(await known(effects)).toEqual(entered(effects));
  expect(await ledger().calls.open({ lane: lane.lane })).toEqual([]);
});

test('of a batch of creates the one whose record another effect holds is left out, and the others are opened', async () => {
  const [held, ...others] = ['B1', 'B2', 'B3'].map(create) as [NewEffect, ...NewEffect[]];
  await ledger().calls.intend(lane, [held], 1_000);
  const again = { ...held, id: randomUUID() };
  expect(await ledger().calls.intend(lane, [...others, again], 1_000)).toEqual({ ...opened(others), barred: [again.id] });
});

test('a create of a record whose only effect was called again waits for that call, be it of another wave or of another object with the same target', async () => {
  const effect = create('F1');
  const no = { effectId: effect.id, outcome: 'rejected', kind: 'invalidData', message: 'not today' } as const;
  await ledger().calls.intend(lane, [effect], 1_000);
  await ledger().calls.receive(lane, [{ n: 1, row: no }], false);
  expect(await ledger().calls.intend(lane, [effect], 1_000)).toEqual({ opened: [{ id: effect.id, n: 2 }], taken: [], barred: [] });
  const others = [create('F1'), { ...create('F1'), object: 'supplier' }];
  for (const other of others)
    expect(await ledger().calls.intend(lane, [other], 1_000)).toEqual({ opened: [], taken: [], barred: [other.id] });
});

test('of a call again and a first create on one record, the one not committed when the other is asked for, only one opens', async () => {
  const [effect, other] = [create('G1'), { ...create('G1'), object: 'supplier' }];
  const no = { effectId: effect.id, outcome: 'rejected', kind: 'invalidData', message: 'not today' } as const;
  await ledger().calls.intend(lane, [effect], 1_000);
  await ledger().calls.receive(lane, [{ n: 1, row: no }], false);
  const lane2 = await claimed();
  const release = Promise.withResolvers<undefined>();
  const held = new Promise<void>((resolve) => {
    beforeCommit = () => (resolve(), release.promise);
  });
  const again = ledger().calls.intend(lane, [effect], 1_000);
  await held;
  const created = ledger().calls.intend(lane2, [other], 1_000);
  await isWaiting();
  release.resolve(undefined);
  expect(await again).toEqual({ opened: [{ id: effect.id, n: 2 }], taken: [], barred: [] });
  expect(await created).toEqual({ opened: [], taken: [], barred: [other.id] });
});

/** Resolves when an intent waits for another transaction. */
async function isWaiting(): Promise<void> {
  const { postgres } = await sharedStack();
  const look = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into effect%'`;
  while ((await askDatabase(postgres.url('postgres'), [look])).flat().length === 0) await setTimeout(50);
}

test('of a batch of answers the one whose record was entered meanwhile is late, and the others are entered', async () => {
  const [named, ...others] = ['C1', 'C2', 'C3'].map(create) as [NewEffect, ...NewEffect[]];
  await ledger().calls.intend(lane, [named, ...others], 1_000);
  const match = { object: 'customer', sourceId: 'C1', system: 'erp', targetObject: 'party', contentHash: null };
  await ledger().crosswalk.match(lane, [{ ...match, targetId: 'another', shares: 'never' }]);
  expect(await ledger().calls.receive(lane, made([named, ...others]), false)).toBe(1);
  expect(await known(others)).toEqual(entered(others));
  expect(await known([named])).toEqual([['C1', 'another', null]]);
  expect((await ledger().late.open(run, 'pilot')).map(({ effect, targetId }) => [effect.id, targetId])).toEqual([[named.id, 'T C1']]);
});

test('records whose keys have several lines, or characters that PostgreSQL does not have in JSON, are created as any other', async () => {
  const effects = ['D\n1', 'D\t"2\\', 'D 3 \u{1f642}'].map(create);
  expect(await ledger().calls.intend(lane, effects, 1_000)).toEqual(opened(effects));
  expect(await ledger().calls.receive(lane, made(effects), false)).toBe(0);
  expect(await known(effects)).toEqual(entered(effects));
});

test('creates of a wave that was raised open nothing, and are told why', async () => {
  const old = await claimed();
  await ledger().waves.raise('back', pilot);
  const effects = ['E1', 'E2'].map(create);
  expect(await ledger().calls.intend(old, effects, 1_000)).toBe('fenced');
  expect(await ledger().calls.open({ lane: old.lane })).toEqual([]);
});
