import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AllActivities } from '../../contracts/activities.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { addFault, faultHits, trytonRefusal } from '../../scripts/dev/faults.ts';
import { erpCreates, erpTable } from '../support/arena/people.ts';
import { dying, startBench, undoAll, type Bench } from './bench.ts';
import { pilotCustomers } from './outside.ts';

let bench: Bench;
let pilot: WaveRef;

beforeEach(async () => {
  bench = await startBench({ timings: { callTimeout: '6s' } });
  pilot = await bench.bringIn('pilot');
});
afterEach(() => bench.stop());

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
  expect([await pilotCustomers(bench), await erpTable(bench.business, 'sale.sale')]).toEqual([['ALFKI', 'ERNSH', 'RATTC'], []]);
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
  expect(await pilotCustomers(bench)).toEqual(['ALFKI', 'ERNSH', 'RATTC']);
});

/** The activities of a worker to which the ERP takes one record at a time, and three times that at once: each record of a lane is a page. */
function inPages(): AllActivities {
  const cut = (port: TargetPort): TargetPort =>
    new Proxy(port, {
      get: (own, name) => {
        if (name === 'capabilities') return { ...own.capabilities, batchSize: 1, writesInFlight: 3 };
        return (Reflect.get(own, name) as (...args: readonly unknown[]) => unknown).bind(own);
      },
    });
  return dying(bench, {
    systems: async (ref) => {
      const systems = await bench.deps.systems(ref);
      return { ...systems, target: (name) => (name === 'erp' ? cut(systems.target(name)) : systems.target(name)) };
    },
  });
}

test('pages of one lane that are undone at the same time lose nothing of each other: what is unknown of one keeps the lane open, whatever ends after it', async () => {
  const ids = new Map((await erpTable(bench.business, 'sale.sale')).map(({ reference, id }) => [reference, Number(id)]));
  const { erp } = bench.business.faults;
  const deleting = (reference: string) => ({ bodyIncludes: `"model.sale.sale.delete","params":[[${String(ids.get(reference))}]` });
  // One sale may not be deleted, and every answer about that comes late: between two of them the answer about another is lost.
  await addFault(erp, { match: deleting('11008'), action: 'reject', status: 200, body: trytonRefusal, delayMs: 800 });
  await addFault(erp, { match: deleting('11072'), action: 'loseResponse', times: 1, delayMs: 1_200 });
  await bench.act.raiseWave(pilot, 'back', 'the bench takes it back');
  await bench.act.endSessions(pilot);
  const [lane = 0] = await bench.act.planUndo(pilot);
  expect(await inPages().undoLane(pilot, lane)).toMatchObject({ end: 'wait', written: 2 });
  expect((await bench.ledger.calls.open({ lane })).map(({ effect }) => effect.sourceId)).toEqual(['11072']);
  expect(await faultHits(erp)).toBe(3);
  await undoAll(bench.act, pilot);
  expect((await erpTable(bench.business, 'sale.sale')).map(({ reference, state }) => [reference, state])).toEqual([['11008', 'cancelled']]);
  expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
  expect(await told()).toEqual(['keptByRollback order 11008']);
});

test('what an earlier attempt had left, and the next one took over without a write, is left again and told by its rollback, after a switch too', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  const [party = 0] = await person.search('party.party', [['code', '=', 'ALFKI']]);
  await person.call('party.party.write', [party], { name: 'Alfreds and Sons' });
  await bench.takeBack(pilot);
  expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions', kept: 1 });
  expect(await told()).toEqual(['keptByRollback customer ALFKI']);
  const second = bench.wave('pilot', 2);
  await bench.act.beginAttempt(second);
  await bench.bringIn('pilot', 2);
  await bench.switchOver(second);
  expect(await told()).toEqual([]);
  await bench.takeBack(second);
  expect(await bench.act.finishUndo(second)).toMatchObject({ state: 'rolledBackWithExceptions' });
  expect(await pilotCustomers(bench)).toContain('ALFKI');
  expect(await told()).toContain('keptByRollback customer ALFKI');
});
