import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AllActivities } from '../../contracts/activities.ts';
import type { Session, TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { smallOrders, smallWaves } from '../support/small-plan.ts';
import { dying, startBench, undoAll, type Bench } from './bench.ts';

let bench: Bench;
let person: ErpPerson;

/** Each test has another wave. */
beforeAll(async () => {
  bench = await startBench();
  person = await ErpPerson.enter(bench.business.erp);
});
afterAll(() => bench.stop());

const change = async (model: string, key: readonly [string, string], values: Readonly<Record<string, string>>): Promise<void> => {
  const [id] = await person.search(model, [[key[0], '=', key[1]]]);
  if (id !== undefined) await person.call(`${model}.write`, [id], values);
};
const told = async ({ run, wave }: WaveRef): Promise<readonly unknown[]> =>
  (await bench.ledger.exceptions.openOf(run, wave)).map(({ kind, object, sourceId, message }) => [
    ...[kind, object, sourceId],
    /Changed by somebody since: (.*)\./.exec(message)?.[1] ?? null,
  ]);
const standing = async (name: keyof typeof smallWaves): Promise<readonly unknown[]> => {
  const accounts: readonly string[] = smallWaves[name];
  return [
    ...(await erpTable(bench.business, 'sale.sale'))
      .filter(({ reference }) => smallOrders[name]?.includes(String(reference)))
      .map(({ reference, comment }) => [reference, comment]),
    ...(await erpTable(bench.business, 'party.party'))
      .filter(({ code }) => accounts.includes(String(code)))
      .map(({ code, name: called }) => [code, called]),
  ];
};

/** The activities of a worker to which the target is as `seen` makes it. */
function through(seen: (port: TargetPort) => TargetPort): AllActivities {
  return dying(bench, {
    systems: async (ref) => {
      const systems = await bench.deps.systems(ref);
      return { ...systems, target: (name) => (name === 'erp' ? seen(systems.target(name)) : systems.target(name)) };
    },
  });
}

/** Loads a wave. */
async function load(act: AllActivities, ref: WaveRef): Promise<void> {
  for (const object of ['crmAccount', 'customer', 'order'])
    for (const lane of await act.planLoad(ref, object)) {
      await bench.ledger.runs.beatGuard(ref.run);
      expect(await act.loadLane(ref, lane)).toMatchObject({ end: 'done' });
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
  const pilot = bench.wave('pilot');
  await bench.act.openWave(pilot);
  const work = async (): Promise<void> => {
    await change('sale.sale', ['reference', '11077'], { comment: 'promised for Friday' });
    await change('party.party', ['code', 'ALFKI'], { name: 'Alfreds and Sons' });
  };
  await load(through(followed(work)), pilot);
  await bench.takeBack(pilot);
  expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
  expect(await standing('pilot')).toEqual([
    ['11077', 'promised for Friday'],
    ['ALFKI', 'Alfreds and Sons'],
    ['RATTC', expect.anything()],
  ]);
  expect(await told(pilot)).toEqual([
    ['keptByRollback', 'order', '11077', 'comment'],
    ['keptByRollback', 'customer', 'ALFKI', 'name'],
  ]);
});

test('a field that our update did not send and somebody changed right after it is theirs too', async () => {
  const east = await bench.bringIn('east');
  await inLegacy(bench.business, 'admin', `update customers set phone = '030-777' where customer_id in ('SIMOB', 'RICSU')`);
  await bench.act.stageDelta(east);
  await load(through(followed(() => change('party.party', ['code', 'SIMOB'], { name: 'Simons and Sons' }))), east);
  await bench.takeBack(east);
  await bench.act.finishUndo(east);
  expect(await standing('east')).toEqual([['SIMOB', 'Simons and Sons']]);
  expect(await told(east)).toEqual([['keptByRollback', 'customer', 'SIMOB', 'name']]);
});

test('what the system writes in a way of its own, and nobody worked on, is taken back as ours', async () => {
  const loud = <T extends TargetRecord>(records: readonly T[]): readonly T[] =>
    records.map((record) => ({ ...record, fields: { ...record.fields, name: JSON.stringify(record.fields['name']).toUpperCase() } }));
  const act = through((port) => ({
    ...port,
    get: async (name, ids) => (name === 'party' ? loud(await port.get(name, ids)) : port.get(name, ids)),
  }));
  const west = bench.wave('west');
  await bench.act.openWave(west);
  await load(act, west);
  await bench.act.raiseWave(west, 'back', 'the bench takes it back');
  await bench.act.endSessions(west);
  await undoAll(act, west);
  expect(await bench.act.finishUndo(west)).toMatchObject({ state: 'rolledBack' });
  expect(await standing('west')).toEqual([]);
});
