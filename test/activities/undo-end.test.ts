import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { WaveRef } from '../../contracts/messages.ts';
import { erpCreates, erpTable } from '../support/arena/people.ts';
import { startBench, type Bench } from './bench.ts';

let bench: Bench;
let pilot: WaveRef;

beforeEach(async () => {
  bench = await startBench();
  pilot = await bench.bringIn('pilot');
});
afterEach(() => bench.stop());

const customers = async (): Promise<readonly string[]> =>
  (await erpTable(bench.business, 'party.party'))
    .map(({ code }) => String(code))
    .filter((code) => ['ALFKI', 'ERNSH', 'RATTC'].includes(code))
    .sort();
const told = async (): Promise<readonly string[]> =>
  (await bench.ledger.exceptions.openOf(pilot.run, 'pilot')).map(({ kind, object, sourceId }) => `${kind} ${object} ${sourceId}`).sort();

test('a rollback that did not take back all that it wrote never says it did: it lists what stands, and the next attempt takes that over', async () => {
  await bench.act.raiseWave(pilot, 'back', 'the bench takes it back');
  await bench.act.endSessions(pilot);
  // The lanes of what was loaded last come first: the customers are left out.
  const lanes = await bench.act.planUndo(pilot);
  for (const lane of lanes)
    if ((await bench.ledger.lanes.get(lane)).object === 'order')
      expect(await bench.act.undoLane(pilot, lane)).toMatchObject({ end: 'done' });
  expect(await bench.act.finishUndo(pilot)).toEqual({ state: 'rolledBackWithExceptions', undone: 3, kept: 3 });
  expect([await customers(), await erpTable(bench.business, 'sale.sale')]).toEqual([['ALFKI', 'ERNSH', 'RATTC'], []]);
  expect(await told()).toEqual(['ALFKI', 'ERNSH', 'RATTC'].map((key) => `keptByRollback customer ${key}`));
  const ended = (await bench.ledger.trail.events(pilot.run)).findLast(({ kind }) => kind === 'rolledBack');
  expect(ended?.detail['left']).toEqual([
    expect.stringMatching(/^customer, 3 records: ALFKI, ERNSH, RATTC\. .*without taking back our create of it in erp/),
  ]);
  // Asked again, by a workflow that did not hear the answer, it says the same.
  expect(await bench.act.finishUndo(pilot)).toEqual({ state: 'rolledBackWithExceptions', undone: 3, kept: 3 });

  const before = await erpCreates(bench.business);
  await bench.act.beginAttempt(bench.wave('pilot', 2));
  await bench.bringIn('pilot', 2);
  expect((await erpCreates(bench.business))['party.party']).toBe(before['party.party']);
  expect(await customers()).toEqual(['ALFKI', 'ERNSH', 'RATTC']);
});
