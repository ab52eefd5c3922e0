import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateNames } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { exportedParts } from '../support/arena/archive.ts';
import { inLegacy } from '../support/arena/people.ts';
import { nextRun, startBench, verifyFrozen, type Bench } from './bench.ts';
import { books, refuse } from './outside.ts';
import { takeOrder } from './orders.ts';

/** A run that was closed while one account stayed in legacy, loaded already; and the next one, which is to bring that account over. */
let bench: Bench;
let later: Bench;
beforeAll(async () => {
  bench = await startBench({ waves: 2 });
  await refuse(bench, '"reference":"11072"');
  for (const name of ['pilot', 'east']) {
    const wave = bench.wave(name);
    await bench.act.openWave(wave);
    await verifyFrozen(bench, wave);
    await bench.act.openGate({ ...wave, gate: gateNames.switch(name), kind: 'switch' });
    expect(await bench.act.sealWave(wave)).toBe('sealed');
    for (const lane of await bench.act.planSwitch(wave)) expect(await bench.act.switchLane(wave, lane)).toMatchObject({ end: 'done' });
    expect(await bench.act.finishSwitch(wave)).toMatchObject({ end: 'switched' });
  }
  expect((await books(bench))['ERNSH']).toBe('legacy');
  expect(await bench.ledger.runs.closeWaves(bench.ref.run)).toBe(true);
  expect(await bench.act.endRun(bench.ref, 'closed')).toContain('closed');
  await refuse(bench, null);
  await inLegacy(bench.business, 'admin', `update customers set phone = '0555-12345' where customer_id = 'ERNSH'`);
  // As a mapping that was mended since would have it: of an account that has switched, too, the ledger knows other contents than it makes now.
  await askDatabase(bench.business.ledgerUrl, [
    `update crosswalk set content_hash = 'by an older mapping' where source_id = 'ALFKI' and object = 'customer'`,
  ]);
  await inErpChange();
  later = await nextRun(bench, 2);
});
afterAll(() => bench.stop());

/** A person names the customer anew whose account has switched. */
async function inErpChange(): Promise<void> {
  const person = await ErpPerson.enter(bench.business.erp);
  const [party = 0] = await person.search('party.party', [['code', '=', 'ALFKI']]);
  await person.call('party.party.write', [party], { name: 'Alfreds, as people have it' });
}

const phone = async (): Promise<unknown> => {
  const systems = await bench.deps.systems(later.ref);
  return (await systems.target('erp').findByKey('party', ['ERNSH']))[0]?.fields['phone'];
};

const rowOf = async (key: string): Promise<unknown> =>
  (
    await askDatabase(bench.business.ledgerUrl, [
      `select run, content_hash as hash from crosswalk where object = 'customer' and source_id = '${key}'`,
    ])
  ).flat();

test('what legacy changed of a customer whom an earlier run had loaded goes back with the wave that brought it, and forward again with its next attempt', async () => {
  const before = await phone();
  const pilot = await later.bringIn('pilot');
  expect(await phone()).toBe('0555-12345');
  const stands = await bench.ledger.exceptions.openOf(later.ref.run);
  expect(stands.filter(({ sourceId }) => sourceId === 'ALFKI')).toEqual([]);
  expect(await rowOf('ALFKI')).toEqual([{ run: bench.ref.run, hash: 'by an older mapping' }]);
  await later.takeBack(pilot);
  await later.act.finishUndo(pilot);
  expect(await phone()).toBe(before);
  await later.act.beginAttempt(later.wave('pilot', 2));
  await later.bringIn('pilot', 2);
  expect(await phone()).toBe('0555-12345');
});

test('an order that people took in the target for a customer whom an earlier run had loaded and this one switched is exported when its wave goes back', async () => {
  const pilot = later.wave('pilot', 2);
  await later.switchOver(pilot);
  expect((await books(bench))['ERNSH']).toBe('target');
  const person = await ErpPerson.enter(bench.business.erp);
  const taken = await takeOrder(person, 'ERNSH', 'PHONE-NEW');
  // Of an account that the earlier run has switched: it stays where it is.
  await takeOrder(person, 'ALFKI', 'PHONE-OLD');
  await later.takeBack(pilot);
  await later.act.finishUndo(pilot);
  expect((await exportedParts(bench.business)).flat().map(({ key }) => Number(key))).toEqual([taken]);
});
