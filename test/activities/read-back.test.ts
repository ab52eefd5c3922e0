import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AllActivities } from '../../contracts/activities.ts';
import type { Session, TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { dying, startBench, undoAll, type Bench } from './bench.ts';

let bench: Bench;
let pilot: WaveRef;
let person: ErpPerson;

beforeEach(async () => {
  bench = await startBench();
  pilot = bench.wave('pilot');
  person = await ErpPerson.enter(bench.business.erp);
});
afterEach(() => bench.stop());

const change = async (model: string, key: readonly [string, string], values: Readonly<Record<string, string>>): Promise<void> => {
  const [id] = await person.search(model, [[key[0], '=', key[1]]]);
  if (id !== undefined) await person.call(`${model}.write`, [id], values);
};
const told = async (): Promise<readonly unknown[]> =>
  (await bench.ledger.exceptions.openOf(pilot.run, 'pilot')).map(({ kind, object, sourceId, message }) => [
    ...[kind, object, sourceId],
    /Changed by somebody since: (.*)\./.exec(message)?.[1] ?? null,
  ]);
const standing = async (): Promise<readonly unknown[]> => [
  ...(await erpTable(bench.business, 'sale.sale')).map(({ reference, comment }) => [reference, comment]),
  ...(await erpTable(bench.business, 'party.party'))
    .filter(({ code }) => ['ALFKI', 'ERNSH', 'RATTC'].includes(String(code)))
    .map(({ code, name }) => [code, name]),
];

/** The activities of a worker to which the target is as `seen` makes it. */
function through(seen: (port: TargetPort) => TargetPort): AllActivities {
  return dying(bench, {
    systems: async (ref) => {
      const systems = await bench.deps.systems(ref);
      return { ...systems, target: (name) => (name === 'erp' ? seen(systems.target(name)) : systems.target(name)) };
    },
  });
}

/** Loads the pilot. */
async function load(act: AllActivities): Promise<void> {
  for (const object of ['crmAccount', 'customer', 'order'])
    for (const lane of await act.planLoad(pilot, object)) {
      await bench.ledger.runs.beatGuard(pilot.run);
      expect(await act.loadLane(pilot, lane)).toMatchObject({ end: 'done' });
    }
}

/** A target where somebody works on what we wrote as soon as it is written. */
const followed =
  (work: () => Promise<void>) =>
  (port: TargetPort): TargetPort => ({
    ...port,
    open: async (): Promise<Session> => {
      const session = await port.open();
      const write: Session['write'] = async (...args) => {
        const outcomes = await session.write(...args);
        await work();
        return outcomes;
      };
      return { ...session, write };
    },
  });

test('what somebody changes right after our write, before it is read back, stays through a rollback and is listed as theirs', async () => {
  await bench.act.openWave(pilot);
  const work = async (): Promise<void> => {
    await change('sale.sale', ['reference', '11077'], { comment: 'promised for Friday' });
    await change('party.party', ['code', 'ALFKI'], { name: 'Alfreds and Sons' });
  };
  await load(through(followed(work)));
  await bench.takeBack(pilot);
  expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
  expect(await standing()).toEqual([
    ['11077', 'promised for Friday'],
    ['ALFKI', 'Alfreds and Sons'],
    ['RATTC', expect.anything()],
  ]);
  expect(await told()).toEqual([
    ['keptByRollback', 'order', '11077', 'comment'],
    ['keptByRollback', 'customer', 'ALFKI', 'name'],
  ]);
});

test('a field that our update did not send and somebody changed right after it is theirs too', async () => {
  await bench.bringIn('pilot');
  await inLegacy(bench.business, 'admin', `update customers set phone = '030-777' where customer_id in ('ALFKI', 'ERNSH')`);
  await bench.act.stageDelta(pilot);
  await load(through(followed(() => change('party.party', ['code', 'ALFKI'], { name: 'Alfreds and Sons' }))));
  await bench.takeBack(pilot);
  await bench.act.finishUndo(pilot);
  expect(await standing()).toEqual([['ALFKI', 'Alfreds and Sons']]);
  expect(await told()).toEqual([['keptByRollback', 'customer', 'ALFKI', 'name']]);
});

test('what the system writes in a way of its own, and nobody worked on, is taken back as ours', async () => {
  const loud = <T extends TargetRecord>(records: readonly T[]): readonly T[] =>
    records.map((record) => ({ ...record, fields: { ...record.fields, name: JSON.stringify(record.fields['name']).toUpperCase() } }));
  const act = through((port) => ({
    ...port,
    get: async (name, ids) => (name === 'party' ? loud(await port.get(name, ids)) : port.get(name, ids)),
  }));
  await bench.act.openWave(pilot);
  await load(act);
  await bench.act.raiseWave(pilot, 'back', 'the bench takes it back');
  await bench.act.endSessions(pilot);
  await undoAll(act, pilot);
  expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBack' });
  expect(await standing()).toEqual([]);
});
