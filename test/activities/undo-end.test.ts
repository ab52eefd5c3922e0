import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AllActivities } from '../../contracts/activities.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { addFault, faultHits, trytonRefusal } from '../../scripts/dev/faults.ts';
import { erpCreates, erpTable } from '../support/arena/people.ts';
import { smallOrders } from '../support/small-plan.ts';
import { broughtIn, dying, startBench, undoAll, type Bench } from './bench.ts';
import { customersOf } from './outside.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ timings: { callTimeout: '6s' } });
});
afterAll(() => bench.stop());

const told = async ({ run, wave }: WaveRef): Promise<readonly string[]> =>
  (await bench.ledger.exceptions.openOf(run, wave)).map(({ kind, object, sourceId }) => `${kind} ${object} ${sourceId}`).sort();

const sales = async ({ wave }: WaveRef) =>
  (await erpTable(bench.business, 'sale.sale')).filter(({ reference }) => smallOrders[wave]?.includes(String(reference)));

test('a rollback that did not take back all that it wrote never says it did: it lists what stands, and the next attempt takes that over', async () => {
  const west = await broughtIn(bench, 'west');
  await bench.act.raiseWave(west, 'back', 'the bench takes it back');
  await bench.act.endSessions(west);
  // The lanes of what was loaded last come first: the customers are left out.
  const lanes = await bench.act.planUndo(west);
  for (const lane of lanes)
    if ((await bench.ledger.lanes.get(lane)).object === 'order')
      expect(await bench.act.undoLane(west, lane)).toMatchObject({ end: 'done' });
  expect(await bench.act.finishUndo(west)).toEqual({ state: 'rolledBackWithExceptions', undone: 2, kept: 2 });
  expect([await customersOf(bench, 'west'), await sales(west)]).toEqual([['BONAP', 'CACTU'], []]);
  expect(await told(west)).toEqual(['BONAP', 'CACTU'].map((key) => `keptByRollback customer ${key}`));
  const ended = (await bench.ledger.trail.events(west.run)).findLast(({ kind }) => kind === 'rolledBack');
  expect(ended?.detail['left']).toEqual([
    expect.stringMatching(/^customer, 2 records: BONAP, CACTU\. .*without taking back our create of it in erp/),
  ]);
  // Asked again, by a workflow that did not hear the answer, it says the same.
  expect(await bench.act.finishUndo(west)).toEqual({ state: 'rolledBackWithExceptions', undone: 2, kept: 2 });

  const before = await erpCreates(bench.business);
  await bench.act.beginAttempt(bench.wave('west', west.attempt + 1));
  await bench.bringIn('west', west.attempt + 1);
  expect((await erpCreates(bench.business))['party.party']).toBe(before['party.party']);
  expect(await customersOf(bench, 'west')).toEqual(['BONAP', 'CACTU']);
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
  const pilot = await broughtIn(bench, 'pilot');
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
  expect((await sales(pilot)).map(({ reference, state }) => [reference, state])).toEqual([['11008', 'cancelled']]);
  expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
  expect(await told(pilot)).toEqual(['keptByRollback order 11008']);
});

test('what an earlier attempt had left, and the next one took over without a write, is left again and told by its rollback, after a switch too', async () => {
  const east = await broughtIn(bench, 'east');
  const person = await ErpPerson.enter(bench.business.erp);
  const [party = 0] = await person.search('party.party', [['code', '=', 'SIMOB']]);
  await person.call('party.party.write', [party], { name: 'Simons and Sons' });
  await bench.takeBack(east);
  expect(await bench.act.finishUndo(east)).toMatchObject({ state: 'rolledBackWithExceptions', kept: 1 });
  expect(await told(east)).toEqual(['keptByRollback customer SIMOB']);
  const second = bench.wave('east', east.attempt + 1);
  await bench.act.beginAttempt(second);
  await bench.bringIn('east', second.attempt);
  await bench.switchOver(second);
  expect(await told(east)).toEqual([]);
  await bench.takeBack(second);
  expect(await bench.act.finishUndo(second)).toMatchObject({ state: 'rolledBackWithExceptions' });
  expect(await customersOf(bench, 'east')).toContain('SIMOB');
  expect(await told(east)).toContain('keptByRollback customer SIMOB');
});
