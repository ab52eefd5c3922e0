import { afterEach, expect, test } from 'vitest';
import { gateNames, sharedWave, type WaveRef } from '../../contracts/messages.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import { readPrice } from '../../scripts/price.ts';
import { erpTable, inLegacy, returnedComment } from '../support/arena/people.ts';
import { nextRun, startBench, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** What a rollback of the wave would undo and leave, as the command line tells it. */
async function told({ deps, ledger, ref }: Bench): Promise<readonly [number | undefined, number | undefined]> {
  const { plan } = (await deps.systems(ref)) as { readonly plan: Plan };
  const price = await readPrice(ledger, { run: await ledger.runs.get(ref.run), plan }, 'pilot');
  return [price?.effectsToUndo, price?.documentsThatRemain];
}

/** What the gate of the switch says of documents that its go confirms. */
async function confirmed({ act, ledger }: Bench, ref: WaveRef): Promise<readonly string[]> {
  await act.freezeWave(ref);
  await act.stageDelta(ref);
  await act.openGate({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' });
  const notices = (await ledger.gates.latest(ref.run, gateNames.switch(ref.wave)))?.notices ?? [];
  return notices.flatMap((notice) => /^From this go on (\d+ documents?)/.exec(notice)?.[1] ?? []);
}

/** Orders that stand in the target, and how many of them are marked as returned. */
async function sales(): Promise<readonly [number, number]> {
  const all = (await erpTable(bench.business, 'sale.sale')).filter(({ state }) => state === 'processing');
  return [all.length, all.filter(({ comment }) => comment === returnedComment).length];
}

/** Takes the wave back and tells how many effects that ended, whichever way. */
async function takeBack(run: Bench, ref: WaveRef): Promise<number> {
  await run.takeBack(ref);
  const { undone, kept } = await run.act.finishUndo(ref);
  return undone + kept;
}

test('the price of a later attempt and of a later run counts the documents they took over, and the go is said to confirm only the others', async () => {
  bench = await startBench();
  const first = await bench.bringIn('pilot');
  expect(await confirmed(bench, first)).toEqual(['3 documents']);
  await bench.switchOver(first);
  const [undo, remain] = await told(bench);
  expect(remain).toBe(3);
  expect(await takeBack(bench, first)).toBe(undo);
  expect(await sales()).toEqual([3, 3]);

  for (const statement of [
    `insert into orders select (jsonb_populate_record(o, '{"order_id": 20001}')).* from orders o where order_id = 11077`,
    `insert into order_details select (jsonb_populate_record(d, '{"order_id": 20001}')).* from order_details d where order_id = 11077`,
  ])
    await inLegacy(bench.business, 'admin', statement);
  const second = bench.wave('pilot', 2);
  await bench.act.beginAttempt(second);
  await bench.bringIn('pilot', 2);
  await bench.act.stageDelta(second);
  await bench.load(second);
  expect((await told(bench))[1]).toBe(3);
  expect(await confirmed(bench, second)).toEqual(['1 document']);
  await bench.switchOver(second);
  const [undoAgain, remainAgain] = await told(bench);
  expect(remainAgain).toBe(4);
  expect(await takeBack(bench, second)).toBe(undoAgain);
  expect(await sales()).toEqual([4, 4]);

  await bench.takeBack(bench.wave(sharedWave));
  await bench.act.finishUndo(bench.wave(sharedWave));
  await bench.act.endRun(bench.ref, 'rolledBackWithExceptions');
  const later = await nextRun(bench, 2);
  const pilot = await later.bringIn('pilot');
  expect(await told(later)).toEqual([expect.any(Number), 4]);
  expect(await confirmed(later, pilot)).toEqual([]);
  const [undoLater] = await told(later);
  expect(await takeBack(later, pilot)).toBe(undoLater);
  expect((await sales())[0]).toBe(4);
});
