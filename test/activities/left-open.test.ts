import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { addFault, clearFaults } from '../../scripts/dev/faults.ts';
import { askDatabase, type SqlRow } from '../../scripts/dev/sql.ts';
import { erpCreates, erpTable, inLegacy } from '../support/arena/people.ts';
import { pilotOrders } from '../support/small-plan.ts';
import { dying, runLane, startBench, type Bench } from './bench.ts';

let bench: Bench;
let pilot: WaveRef;

/** The fax of a customer is a field that no load sends. */
function withoutFax({ objects }: Record<string, unknown>): void {
  for (const { name, fields } of objects as readonly { readonly name: string; readonly fields: Record<string, unknown> }[])
    if (name === 'customer') delete fields['fax'];
}

beforeEach(async () => {
  bench = await startBench({ timings: { callTimeout: '4s' }, plan: withoutFax });
  pilot = bench.wave('pilot');
});
afterEach(() => bench.stop());

const ask = async (statement: string): Promise<readonly SqlRow[]> => (await askDatabase(bench.business.ledgerUrl, [statement])).flat();
const calls = () =>
  ask(`select attempt, operation, status, closed from effect where object = 'order' and wave = 'pilot' order by attempt, source_id`);
const open = () => ask('select object, source_id from effect where closed is null');
const told = async (): Promise<readonly string[]> =>
  (await bench.ledger.exceptions.openOf(pilot.run, 'pilot')).map(({ kind, object, sourceId }) => `${kind} ${object} ${sourceId}`).sort();
const sales = async (): Promise<readonly unknown[]> =>
  (await erpTable(bench.business, 'sale.sale')).map(({ reference, state }) => `${String(reference)} ${String(state)}`).sort();
const rested = [...pilotOrders].sort().map((key) => `${key} quotation`);

/** Loads one object of the pilot, each of its lanes once. */
async function loadOnce(object: string, act = bench.act): Promise<readonly string[]> {
  const ends: string[] = [];
  for (const lane of await act.planLoad(pilot, object)) {
    await bench.ledger.runs.beatGuard(pilot.run);
    ends.push((await act.loadLane(pilot, lane)).end);
  }
  return ends;
}

/** Ends the rollback of the first attempt as nothing should: without having looked at what its calls came to. */
async function endUnlooked(): Promise<void> {
  await bench.act.raiseWave(pilot, 'back', 'the bench takes it back');
  await bench.act.endSessions(pilot);
  expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
  await clearFaults(bench.business.faults.erp);
  await bench.act.beginAttempt(bench.wave('pilot', 2));
}

/** The first attempt, at whose orders the connection to the target fails in this way; its rollback ends without a look at them. */
async function leaveOrdersOpen(action: 'loseResponse' | 'reset'): Promise<void> {
  await bench.act.openWave(pilot);
  for (const object of ['crmAccount', 'customer']) await loadOnce(object);
  await addFault(bench.business.faults.erp, { match: { bodyIncludes: 'model.sale.sale.create' }, action, times: 1 });
  expect(await loadOnce('order')).toEqual(['wait']);
  expect(await open()).toHaveLength(pilotOrders.length);
  await endUnlooked();
}

test('creates of which an earlier attempt never learned that they were made are found so by the next one, which takes their records over as ours', async () => {
  await leaveOrdersOpen('loseResponse');
  const before = await erpCreates(bench.business);
  const second = await bench.bringIn('pilot', 2);
  expect([await sales(), await open()]).toEqual([rested, []]);
  expect((await erpCreates(bench.business))['sale.sale']).toBe(before['sale.sale']);
  const left = { attempt: 1, operation: 'create', status: 'kept', closed: 'applied' };
  expect((await calls()).slice(0, 3)).toEqual([left, left, left]);
  const rows = await ask(`select origin, state from crosswalk where object = 'order' and state not in ('retired', 'reserved')`);
  expect(rows).toEqual(pilotOrders.map(() => ({ origin: 'created', state: 'live' })));
  await bench.switchOver(second);
  expect(await told()).toEqual([]);
});

test('creates of an earlier attempt that the rollback of a later one finds are left as ours, for the attempt after it', async () => {
  await leaveOrdersOpen('loseResponse');
  const before = await erpCreates(bench.business);
  const second = bench.wave('pilot', 2);
  await bench.act.openWave(second);
  await bench.takeBack(second);
  expect(await bench.act.finishUndo(second)).toMatchObject({ state: 'rolledBackWithExceptions' });
  const rows = await ask(`select origin, state from crosswalk where object = 'order' and state not in ('retired', 'reserved')`);
  expect(rows).toEqual(pilotOrders.map(() => ({ origin: 'created', state: 'kept' })));
  await bench.act.beginAttempt(bench.wave('pilot', 3));
  await bench.bringIn('pilot', 3);
  expect([await sales(), await open()]).toEqual([rested, []]);
  expect((await erpCreates(bench.business))['sale.sale']).toBe(before['sale.sale']);
});

test('creates of which an earlier attempt never learned that they were not made are made by the next one', async () => {
  await leaveOrdersOpen('reset');
  expect(await sales()).toEqual([]);
  await bench.bringIn('pilot', 2);
  expect([await sales(), await open()]).toEqual([rested, []]);
  const [absent, made] = ['absent', 'applied'].map((status, index) => ({
    attempt: index + 1,
    operation: 'create',
    status,
    closed: status,
  }));
  expect(await calls()).toEqual([absent, absent, absent, made, made, made]);
  // Nothing of the first attempt stands in them, and nobody is told so any more.
  expect((await told()).filter((text) => text.includes('order'))).toEqual([]);
});

test('an update of which nobody can tell what became of it keeps its account in legacy, told in the attempt that found out', async () => {
  await bench.bringIn('pilot');
  await inLegacy(bench.business, 'admin', `update customers set company_name = 'Alfred, renamed' where customer_id = 'ALFKI'`);
  await bench.act.stageDelta(pilot);
  await addFault(bench.business.faults.erp, { match: { bodyIncludes: 'model.party.party.write' }, action: 'reset', times: 1 });
  expect(await loadOnce('customer')).toEqual(['wait']);
  const person = await ErpPerson.enter(bench.business.erp);
  const [party = 0] = await person.search('party.party', [['code', '=', 'ALFKI']]);
  await person.call('party.party.write', [party], { name: 'Alfred and Sons' });
  await endUnlooked();
  await bench.bringIn('pilot', 2);
  expect(await open()).toEqual([]);
  expect(await told()).toContain('ambiguousOutcome customer ALFKI');
  expect((await erpTable(bench.business, 'party.party')).find(({ code }) => code === 'ALFKI')).toMatchObject({ name: 'Alfred and Sons' });
  await bench.switchOver(bench.wave('pilot', 2));
  const books = await ask(`select account from book where until is null and book = 'target' order by account`);
  expect(books.map(({ account }) => account)).toEqual(['ERNSH', 'RATTC']);
});

test('what a lane that nobody calls any more left open is settled by the lane that has its records now, in the same attempt', async () => {
  await bench.act.openWave(pilot);
  for (const object of ['crmAccount', 'customer']) await loadOnce(object);
  const point = (name: string): void => {
    if (name === 'afterIntent') throw new Error('killed');
  };
  await expect(loadOnce('order', dying(bench, { point }))).rejects.toThrow('killed');
  await bench.load(pilot);
  expect([await sales(), await open()]).toEqual([rested, []]);
});

test.each(['afterCall', 'afterReceipt'])(
  'a worker that dies %s, and whose lane nobody calls any more, leaves nothing unread: a rollback keeps what a person adds to its records',
  async (death) => {
    await bench.act.openWave(pilot);
    await loadOnce('crmAccount');
    const point = (name: string): void => {
      if (name === death) throw new Error('killed');
    };
    await expect(loadOnce('customer', dying(bench, { point }))).rejects.toThrow('killed');
    const before = await erpCreates(bench.business);
    await bench.load(pilot);
    expect([await sales(), await open()]).toEqual([rested, []]);
    expect((await erpCreates(bench.business))['party.party']).toBe(before['party.party']);
    const person = await ErpPerson.enter(bench.business.erp);
    const [party = 0] = await person.search('party.party', [['code', '=', 'ERNSH']]);
    await person.call('party.contact_mechanism.create', [{ party, type: 'fax', value: '7675-3427' }]);
    await bench.takeBack(pilot);
    expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
    expect((await erpTable(bench.business, 'party.party')).map(({ code }) => code).sort()).toEqual(['COMPANY', 'ERNSH']);
  },
);

test('an activation whose answer was lost, and whose lane nobody calls any more, is settled by the switch that is planned again', async () => {
  await bench.bringIn('pilot');
  await bench.act.freezeWave(pilot);
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  await bench.act.openGate({ ...pilot, gate: gateNames.switch('pilot'), kind: 'switch' });
  expect(await bench.act.sealWave(pilot)).toBe('sealed');
  await addFault(bench.business.faults.erp, { match: { bodyIncludes: 'model.sale.sale.confirm' }, action: 'loseResponse', times: 1 });
  const [first = 0] = await bench.act.planSwitch(pilot);
  expect((await bench.act.switchLane(pilot, first)).end).toBe('wait');
  await clearFaults(bench.business.faults.erp);
  expect((await open()).length).toBeGreaterThan(0);
  for (const lane of await bench.act.planSwitch(pilot)) await runLane(() => bench.act.switchLane(pilot, lane));
  await bench.act.finishSwitch(pilot);
  expect([await open(), await sales()]).toEqual([[], [...pilotOrders].sort().map((key) => `${key} processing`)]);
});
