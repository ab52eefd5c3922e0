import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WaveRef } from '../../contracts/messages.ts';
import { differences } from '../../scripts/dev/oracle.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { startBench, type Bench } from './bench.ts';
import { sleptCalls, sleptOrder, World, type SleptLanes } from './sleeping-calls.ts';

let bench: Bench;
let world: World;
let slept: WaveRef;
let lanes: SleptLanes;

beforeAll(async () => {
  bench = await startBench();
  const { act, ref } = bench;
  await act.enterPhase(ref, 'pilot');
  await act.placeHold(ref, { scope: 'run', source: 'run', reason: 'slept', follows: null, cause: 'slept' });
  await bench.ledger.holds.lift(ref.run, [1], 'slept');
  slept = bench.wave('pilot', 1);
  await bench.bringIn('pilot');
  await bench.switchOver(slept);
  await bench.takeBack(slept);
  await act.finishUndo(slept);
  lanes = { load: await laneOf('load'), switch: await laneOf('switch'), undo: await laneOf('undo') };
  await act.enterPhase(ref, 'hypercare');
  world = await World.open(bench);
});
afterAll(async () => {
  await world.close();
  await bench.stop();
});

async function laneOf(kind: keyof SleptLanes): Promise<number> {
  const statement = `select min(id)::int as id from lane where run = '${bench.ref.run}' and wave = 'pilot' and attempt = 1 and kind = '${kind}'`;
  const [rows = []] = await askDatabase(bench.business.ledgerUrl, [statement]);
  return Number(rows[0]?.['id']);
}

/** Calls every activity with the arguments of the attempt that was taken back; returns what each of them changed. */
async function wakeAll(): Promise<readonly string[]> {
  const calls = sleptCalls(bench.act, slept, lanes, 'customer');
  expect(Object.keys(calls).sort()).toEqual(Object.keys(bench.act).sort());
  const changed: string[] = [];
  let before = await world.look();
  for (const [name, call] of Object.entries(calls)) {
    await call().catch(() => undefined);
    const after = await world.look();
    if (isDeepStrictEqual(before, after)) continue;
    changed.push(...differences(before, after).map((difference) => `${name}: ${difference}`));
    before = after;
  }
  return changed;
}

test('after a rollback no call that slept through it changes a system or a book', async () => {
  expect(await wakeAll()).toEqual([]);
}, 120_000);

test('once the next attempt is loaded no call of the attempt before changes a system or a book', async () => {
  await bench.act.beginAttempt(bench.wave('pilot', 2));
  await bench.bringIn('pilot', 2);
  expect(await wakeAll()).toEqual([]);
}, 120_000);

test('once the next attempt has switched no call of the attempt before opens legacy or closes the target', async () => {
  await bench.switchOver(bench.wave('pilot', 2));
  expect(await wakeAll()).toEqual([]);
  const books = await bench.ledger.waves.books((await bench.ledger.runs.get(bench.ref.run)).scope ?? '');
  expect(new Set(books.map(({ book }) => book))).toEqual(new Set(['target']));
}, 120_000);

test('a call that slept lifts no hold that is younger than the order it was for', async () => {
  const { act, ledger, ref } = bench;
  const hold = (reason: string): Promise<boolean> =>
    act.placeHold(ref, { scope: 'run', source: 'run', reason, follows: null, cause: reason });
  const standing = async (): Promise<readonly string[]> => (await ledger.holds.standing(ref.run)).holds.map(({ reason }) => reason);
  await hold('older');
  const decision = {
    run: ref.run,
    requestId: sleptOrder,
    verb: 'rollback',
    by: 'erin',
    role: 'it',
    scope: 'run',
    reason: 'slept',
  } as const;
  await ledger.decisions.take(
    ref.run,
    { decision, hash: 'slept' },
    { bind: () => ({ accepted: true, effect: { act: 'takeBack', scope: 'run' } }), say: () => 'the run is taken back' },
  );
  await act.liftHolds(ref, sleptOrder, 'the whole run is taken back');
  expect(await standing()).toEqual([]);
  await hold('younger');
  expect(await wakeAll()).toEqual([]);
  expect(await standing()).toEqual(['younger']);
}, 120_000);

test('once the run has closed no call that slept changes a system or a book', async () => {
  await bench.act.endRun(bench.ref, 'closed');
  expect(await wakeAll()).toEqual([]);
}, 120_000);
