import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { addFault, clearFaults } from '../../scripts/dev/faults.ts';
import { askDatabase, type SqlRow } from '../../scripts/dev/sql.ts';
import { erpCreates, erpTable, inLegacy } from '../support/arena/people.ts';
import { pilotOrders, smallOrders } from '../support/small-plan.ts';
import { anew, broughtIn, dying, runLane, startBench, type Bench } from './bench.ts';
import { customersOf } from './outside.ts';

let bench: Bench;

/** The fax of a customer is a field that no load sends. */
function withoutFax({ objects }: Record<string, unknown>): void {
  for (const { name, fields } of objects as readonly { readonly name: string; readonly fields: Record<string, unknown> }[])
    if (name === 'customer') delete fields['fax'];
}

beforeAll(async () => {
  bench = await startBench({ timings: { callTimeout: '4s' }, plan: withoutFax });
});
afterEach(() => clearFaults(bench.business.faults.erp));
afterAll(() => bench.stop());

const ordersOf = ({ wave }: WaveRef): readonly string[] => smallOrders[wave] ?? [];

const ask = async (statement: string): Promise<readonly SqlRow[]> => (await askDatabase(bench.business.ledgerUrl, [statement])).flat();
/** What became of the orders from this attempt on; the attempt counts as the first. */
const calls = ({ wave, attempt }: WaveRef) =>
  ask(`select attempt - ${String(attempt - 1)} as attempt, operation, status, closed from effect
    where object = 'order' and wave = '${wave}' and attempt >= ${String(attempt)} order by attempt, source_id`);
const open = ({ wave }: WaveRef) => ask(`select object, source_id from effect where wave = '${wave}' and closed is null`);
const told = async ({ run, wave }: WaveRef): Promise<readonly string[]> =>
  (await bench.ledger.exceptions.openOf(run, wave)).map(({ kind, object, sourceId }) => `${kind} ${object} ${sourceId}`).sort();
const sales = async (ref: WaveRef): Promise<readonly unknown[]> =>
  (await erpTable(bench.business, 'sale.sale'))
    .filter(({ reference }) => ordersOf(ref).includes(String(reference)))
    .map(({ reference, state }) => `${String(reference)} ${String(state)}`)
    .sort();
const rested = (ref: WaveRef): readonly string[] => ordersOf(ref).map((key) => `${key} quotation`);
/** Where the orders of the wave come from by the ledger, and how they stand there. */
const rows = ({ wave }: WaveRef) =>
  ask(`select origin, state from crosswalk where object = 'order' and wave = '${wave}' and state not in ('retired', 'reserved')`);

/** Loads one object of a wave, each of its lanes once. */
async function loadOnce(ref: WaveRef, object: string, act = bench.act): Promise<readonly string[]> {
  const ends: string[] = [];
  for (const lane of await act.planLoad(ref, object)) {
    await bench.ledger.runs.beatGuard(ref.run);
    ends.push((await act.loadLane(ref, lane)).end);
  }
  return ends;
}

const following = ({ wave, attempt }: WaveRef): WaveRef => bench.wave(wave, attempt + 1);

/** Ends the rollback of an attempt as nothing should: without having looked at what its calls came to. */
async function endUnlooked(ref: WaveRef): Promise<WaveRef> {
  await bench.act.raiseWave(ref, 'back', 'the bench takes it back');
  await bench.act.endSessions(ref);
  expect(await bench.act.finishUndo(ref)).toMatchObject({ state: 'rolledBackWithExceptions' });
  await clearFaults(bench.business.faults.erp);
  await bench.act.beginAttempt(following(ref));
  return following(ref);
}

/** An attempt at whose orders the connection to the target fails in this way, and whose rollback ends without a look at them; returns the next one. */
async function leaveOrdersOpen(ref: WaveRef, action: 'loseResponse' | 'reset'): Promise<WaveRef> {
  await bench.act.openWave(ref);
  for (const object of ['crmAccount', 'customer']) await loadOnce(ref, object);
  await addFault(bench.business.faults.erp, { match: { bodyIncludes: 'model.sale.sale.create' }, action, times: 1 });
  expect(await loadOnce(ref, 'order')).toEqual(['wait']);
  expect(await open(ref)).toHaveLength(ordersOf(ref).length);
  return endUnlooked(ref);
}

// Each test has its wave anew. Those that leave records of it for good, because a switch confirms them or a rollback leaves them as ours, come last there.

test('creates of which an earlier attempt never learned that they were made are found so by the next one, which takes their records over as ours', async () => {
  const first = bench.wave('west');
  const second = await leaveOrdersOpen(first, 'loseResponse');
  const before = await erpCreates(bench.business);
  await bench.bringIn('west', second.attempt);
  expect([await sales(second), await open(second)]).toEqual([rested(second), []]);
  expect((await erpCreates(bench.business))['sale.sale']).toBe(before['sale.sale']);
  const left = { attempt: 1, operation: 'create', status: 'kept', closed: 'applied' };
  expect((await calls(first)).slice(0, 2)).toEqual([left, left]);
  expect(await rows(second)).toEqual(ordersOf(second).map(() => ({ origin: 'created', state: 'live' })));
  await bench.switchOver(second);
  expect(await told(second)).toEqual([]);
});

test('what a lane that nobody calls any more left open is settled by the lane that has its records now, in the same attempt', async () => {
  const pilot = await anew(bench, 'pilot');
  await bench.act.openWave(pilot);
  for (const object of ['crmAccount', 'customer']) await loadOnce(pilot, object);
  const point = (name: string): void => {
    if (name === 'afterIntent') throw new Error('killed');
  };
  await expect(loadOnce(pilot, 'order', dying(bench, { point }))).rejects.toThrow('killed');
  await bench.load(pilot);
  expect([await sales(pilot), await open(pilot)]).toEqual([rested(pilot), []]);
});

test.each([
  ['afterCall', 'pilot', 'ERNSH'],
  ['afterReceipt', 'east', 'SIMOB'],
] as const)(
  'a worker that dies %s, and whose lane nobody calls any more, leaves nothing unread: a rollback keeps what a person adds to its records',
  async (death, name, account) => {
    const wave = await anew(bench, name);
    await bench.act.openWave(wave);
    await loadOnce(wave, 'crmAccount');
    const point = (where: string): void => {
      if (where === death) throw new Error('killed');
    };
    await expect(loadOnce(wave, 'customer', dying(bench, { point }))).rejects.toThrow('killed');
    const before = await erpCreates(bench.business);
    await bench.load(wave);
    expect([await sales(wave), await open(wave)]).toEqual([rested(wave), []]);
    expect((await erpCreates(bench.business))['party.party']).toBe(before['party.party']);
    const person = await ErpPerson.enter(bench.business.erp);
    const [party = 0] = await person.search('party.party', [['code', '=', account]]);
    await person.call('party.contact_mechanism.create', [{ party, type: 'fax', value: '7675-3427' }]);
    await bench.takeBack(wave);
    expect(await bench.act.finishUndo(wave)).toMatchObject({ state: 'rolledBackWithExceptions' });
    expect(await customersOf(bench, name)).toEqual([account]);
  },
);

test('creates of which an earlier attempt never learned that they were not made are made by the next one', async () => {
  const first = await anew(bench, 'pilot');
  const second = await leaveOrdersOpen(first, 'reset');
  expect(await sales(first)).toEqual([]);
  await bench.bringIn('pilot', second.attempt);
  expect([await sales(second), await open(second)]).toEqual([rested(second), []]);
  const [absent, made] = ['absent', 'applied'].map((status, index) => ({
    attempt: index + 1,
    operation: 'create',
    status,
    closed: status,
  }));
  expect(await calls(first)).toEqual([absent, absent, absent, made, made, made]);
  // Nothing of the first attempt stands in them, and nobody is told so any more.
  expect((await told(second)).filter((text) => text.includes('order'))).toEqual([]);
});

test('creates of an earlier attempt that the rollback of a later one finds are left as ours, for the attempt after it', async () => {
  const second = await leaveOrdersOpen(await anew(bench, 'pilot'), 'loseResponse');
  const before = await erpCreates(bench.business);
  await bench.act.openWave(second);
  await bench.takeBack(second);
  expect(await bench.act.finishUndo(second)).toMatchObject({ state: 'rolledBackWithExceptions' });
  expect(await rows(second)).toEqual(pilotOrders.map(() => ({ origin: 'created', state: 'kept' })));
  await bench.act.beginAttempt(following(second));
  await bench.bringIn('pilot', following(second).attempt);
  expect([await sales(second), await open(second)]).toEqual([rested(second), []]);
  expect((await erpCreates(bench.business))['sale.sale']).toBe(before['sale.sale']);
});

test('an update of which nobody can tell what became of it keeps its account in legacy, told in the attempt that found out', async () => {
  const pilot = await broughtIn(bench, 'pilot');
  await inLegacy(bench.business, 'admin', `update customers set company_name = 'Alfred, renamed' where customer_id = 'ALFKI'`);
  await bench.act.stageDelta(pilot);
  await addFault(bench.business.faults.erp, { match: { bodyIncludes: 'model.party.party.write' }, action: 'reset', times: 1 });
  expect(await loadOnce(pilot, 'customer')).toEqual(['wait']);
  const person = await ErpPerson.enter(bench.business.erp);
  const [party = 0] = await person.search('party.party', [['code', '=', 'ALFKI']]);
  await person.call('party.party.write', [party], { name: 'Alfred and Sons' });
  const second = await endUnlooked(pilot);
  await bench.bringIn('pilot', second.attempt);
  expect(await open(second)).toEqual([]);
  expect(await told(second)).toContain('ambiguousOutcome customer ALFKI');
  expect((await erpTable(bench.business, 'party.party')).find(({ code }) => code === 'ALFKI')).toMatchObject({ name: 'Alfred and Sons' });
  await bench.switchOver(second);
  const books = await ask(`select account from book where until is null and book = 'target' and wave = 'pilot' order by account`);
  expect(books.map(({ account }) => account)).toEqual(['ERNSH', 'RATTC']);
});

test('an activation whose answer was lost, and whose lane nobody calls any more, is settled by the switch that is planned again', async () => {
  const east = await broughtIn(bench, 'east');
  await bench.act.freezeWave(east);
  await bench.act.stageDelta(east);
  await bench.load(east);
  await bench.act.openGate({ ...east, gate: gateNames.switch('east'), kind: 'switch' });
  expect(await bench.act.sealWave(east)).toBe('sealed');
  await addFault(bench.business.faults.erp, { match: { bodyIncludes: 'model.sale.sale.confirm' }, action: 'loseResponse', times: 1 });
  const [first = 0] = await bench.act.planSwitch(east);
  expect((await bench.act.switchLane(east, first)).end).toBe('wait');
  await clearFaults(bench.business.faults.erp);
  expect((await open(east)).length).toBeGreaterThan(0);
  for (const lane of await bench.act.planSwitch(east)) await runLane(() => bench.act.switchLane(east, lane));
  await bench.act.finishSwitch(east);
  expect([await open(east), await sales(east)]).toEqual([[], ordersOf(east).map((key) => `${key} processing`)]);
});
