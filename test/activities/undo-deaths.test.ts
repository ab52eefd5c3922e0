import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase, type SqlRow } from '../../scripts/dev/sql.ts';
import { erpTable } from '../support/arena/people.ts';
import { smallWaves } from '../support/small-plan.ts';
import { broughtIn, dying, startBench, undoAll, type Bench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

const ask = async (statement: string): Promise<readonly SqlRow[]> => (await askDatabase(bench.business.ledgerUrl, [statement])).flat();
const copied =
  'scope, run, wave, attempt, lane, system, object, target_object, source_id, operation, revision, content_hash, before_image, origin, undoes, closed, first_intended_at';
const exceptions = async ({ run, wave }: WaveRef): Promise<readonly (readonly string[])[]> =>
  (await bench.ledger.exceptions.openOf(run, wave)).map(({ object, sourceId, kind, message }) => [object, sourceId, kind, message]);

async function takenBack(ref: WaveRef): Promise<readonly number[]> {
  await bench.act.raiseWave(ref, 'back', 'the bench takes it back');
  await bench.act.endSessions(ref);
  return bench.act.planUndo(ref);
}

test('two records of ours for one source record are both undone by one pass of their lane, before anybody searches for what was left', async () => {
  const pilot = await broughtIn(bench, 'pilot');
  const session = await (await bench.deps.systems(bench.ref)).target('erp').open();
  const [effect] = await ask(`select id, fields from effect where object = 'customer' and source_id = 'ALFKI' and system = 'erp'`);
  const fields = { ...(JSON.parse(String(effect?.['fields'])) as object), code: 'ALFKI2' };
  const [made] = await session.write('party', [{ effectId: 'twin', operation: 'create', id: null, fields, stamp: null }], {
    signal: AbortSignal.timeout(5_000),
    beforeSend: () => undefined,
  });
  await session.close();
  if (made?.outcome !== 'applied') throw new Error('the twin was not made');
  await ask(`insert into effect (id, ${copied}, turn, fields, target_id, status)
    select 'twin', ${copied}, turn + 1, '${JSON.stringify(fields).replaceAll("'", "''")}', '${made.id}', 'applied' from effect where id = '${String(effect?.['id'])}'`);
  for (const lane of await takenBack(pilot)) expect(await bench.act.undoLane(pilot, lane)).toMatchObject({ end: 'done' });
  const codes = (await erpTable(bench.business, 'party.party')).map(({ code }) => code);
  expect(codes.filter((code) => code === 'ALFKI' || code === 'ALFKI2')).toEqual([]);
});

test('a customer to whom somebody added an e-mail address is taken out of use, not deleted, also by a worker that dies over it, and the next attempt has it with the address', async () => {
  const east = await broughtIn(bench, 'east');
  const person = await ErpPerson.enter(bench.business.erp);
  const [party = 0] = await person.search('party.party', [['code', '=', 'LINOD']]);
  await person.call('party.party.write', [party], {
    contact_mechanisms: [['create', [{ type: 'email', value: 'felipe@linod.example' }]]],
  });
  const parties = async (): Promise<readonly unknown[]> =>
    (await erpTable(bench.business, 'party.party'))
      .filter(({ code }) => smallWaves.east.some((account) => account === code))
      .map((row) => [row['code'], row['active'], JSON.stringify(row).includes('felipe@linod.example')]);
  const kept = [['LINOD', false, true]];
  const lanes = await takenBack(east);
  const point = (name: string): void => {
    if (name === 'afterReceipt') throw new Error('killed');
  };
  for (const lane of lanes.slice(0, -1)) await bench.act.undoLane(east, lane);
  await expect(dying(bench, { point }).undoLane(east, lanes.at(-1) ?? 0)).rejects.toThrow('killed');
  await undoAll(bench.act, east);
  expect(await parties()).toEqual(kept);
  expect((await exceptions(east)).map(([object, key, kind]) => [object, key, kind])).toEqual([['customer', 'LINOD', 'keptByRollback']]);
  await bench.act.finishUndo(east);
  await bench.act.beginAttempt(bench.wave('east', east.attempt + 1));
  const next = await bench.bringIn('east', east.attempt + 1);
  expect(await parties()).toContainEqual(['LINOD', true, true]);
  await bench.takeBack(next);
  expect(await parties()).toEqual(kept);
});

test('customers whom somebody brings back into use after a worker died over taking them out of use stay in use, and one that we had made is listed', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  const withAddress = async (code: string): Promise<number> => {
    const [party = 0] = await person.search('party.party', [['code', '=', code]]);
    await person.call('party.party.write', [party], { contact_mechanisms: [['create', [{ type: 'email', value: 'new@mail.example' }]]] });
    return party;
  };
  await broughtIn(bench, 'east');
  const found = await withAddress('LINOD');
  // Its next attempt finds one record out of use, which this one left; another it makes itself.
  const east = await broughtIn(bench, 'east');
  const made = await withAddress('SIMOB');
  const inUse = async (): Promise<readonly unknown[]> => {
    const parties = await erpTable(bench.business, 'party.party');
    return [made, found].map((party) => parties.find(({ id }) => id === party)?.['active']);
  };
  const lanes = await takenBack(east);
  const point = (name: string): void => {
    if (name === 'afterReceipt') throw new Error('killed');
  };
  for (const lane of lanes.slice(0, -1)) await bench.act.undoLane(east, lane);
  await expect(dying(bench, { point }).undoLane(east, lanes.at(-1) ?? 0)).rejects.toThrow('killed');
  expect(await inUse()).toEqual([false, false]);
  await person.call('party.party.write', [made, found], { active: true });
  await undoAll(bench.act, east);
  expect(await inUse()).toEqual([true, true]);
  expect((await exceptions(east)).filter(([, key]) => key === 'SIMOB')).toEqual([
    ['customer', 'SIMOB', 'keptByRollback', 'Kept: we had taken it out of use, and somebody brought it back.'],
  ]);
});

test('a worker that dies between the receipt of an undo and what follows from it leaves no note of ours behind that passes for a change of somebody', async () => {
  const pilot = await broughtIn(bench, 'pilot');
  await bench.switchOver(pilot);
  const [lane = 0] = await takenBack(pilot);
  const point = (name: string): void => {
    if (name === 'afterReceipt') throw new Error('killed');
  };
  await expect(dying(bench, { point }).undoLane(pilot, lane)).rejects.toThrow('killed');
  await bench.act.undoLane(pilot, lane);
  const told = await exceptions(pilot);
  expect(told.filter(([, , , message]) => message?.includes('Changed by somebody'))).toEqual([]);
  expect(told.filter(([object, , kind]) => object === 'order' && kind === 'remains')).toHaveLength(3);
});

test('a worker that dies while it writes down how records ended loses no exception and leaves no row of a record that is gone', async () => {
  const east = await broughtIn(bench, 'east');
  await bench.switchOver(east);
  const [lane = 0] = await takenBack(east);
  const crosswalk = new Proxy(bench.ledger.crosswalk, {
    get: (own, name) =>
      name === 'endRows'
        ? () => Promise.reject(new Error('the database went away'))
        : (Reflect.get(own, name) as (...args: readonly unknown[]) => unknown).bind(own),
  });
  await expect(dying(bench, { ledger: { ...bench.ledger, crosswalk } }).undoLane(east, lane)).rejects.toThrow('the database went away');
  await undoAll(bench.act, east);
  expect((await exceptions(east)).filter(([object, , kind]) => object === 'order' && kind === 'remains')).toHaveLength(3);
  expect(await ask(`select source_id from crosswalk where object = 'order' and wave = 'east' and state = 'live'`)).toEqual([]);
});

// The last one here, because it rewrites what the ledger says of all waves.
test('a record that is kept out of use is not taken up again by the search, however many creates lie between it and a refused one of its own', async () => {
  const west = await broughtIn(bench, 'west');
  await takenBack(west);
  const own = `object = 'order' and source_id = '11076' and system = 'erp'`;
  const [effect] = await ask(`select id from effect where ${own}`);
  const id = String(effect?.['id']);
  const copy = (name: string, from: string, turn: string, contents: string, status: string): string =>
    `insert into effect (id, ${copied}, turn, fields, status, intended_at) select ${name}, ${copied}, (select max(turn) from effect) + ${turn}, ${contents}, '${status}', intended_at from ${from} where id = '${id}'`;
  for (const statement of [
    `update effect set status = 'undone' where id <> '${id}' and status in ('applied', 'unchanged')`,
    copy(`'filler' || k`, 'effect, generate_series(1, 1000) k', 'k', `jsonb_build_object('reference', 'NONE' || k)::text`, 'absent'),
    copy(`'first'`, 'effect', '1', 'fields', 'rejected'),
    `update effect set status = 'kept', reason = 'Taken out of use by cancel' where id = '${id}'`,
    `update crosswalk set state = 'deactivated' where ${own}`,
  ])
    await ask(statement);
  await bench.act.searchLeftovers(west);
  expect(await ask(`select id, status from effect where id in ('${id}', 'first') order by status`)).toEqual([
    { id, status: 'kept' },
    { id: 'first', status: 'rejected' },
  ]);
});
