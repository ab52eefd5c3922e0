import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { erpTable } from '../support/arena/people.ts';
import { anew, startBench, verifyFrozen, type Bench } from './bench.ts';

const [account, order] = ['ERNSH', '11008'];
let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

/** Lines of the order and the customer's contact ways, by the target's own tables. */
const seen = async () => {
  const [sales, parties] = await Promise.all([erpTable(bench.business, 'sale.sale'), erpTable(bench.business, 'party.party')]);
  const lines = sales.filter(({ reference }) => reference === order).map((sale) => (sale['lines.'] as unknown[]).length);
  const ways = parties.filter(({ code }) => code === account).map((party) => (party['contact_mechanisms.'] as unknown[]).length);
  return { lines, ways };
};
const shut = async (ref: WaveRef) => {
  await verifyFrozen(bench, ref);
  await bench.act.openGate({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' });
  return (await bench.ledger.gates.latest(ref.run, gateNames.switch(ref.wave)))?.shut;
};

test('a draft of an order that was there before us gets its own lines back by a rollback, and those of legacy again by the next attempt, whose gate is open', async () => {
  const person = await ErpPerson.enter(bench.business.erp);
  const [party] = (await person.call('party.party.create', [
    { code: account, name: 'Ernst', addresses: [['create', [{ street: 'Markt 1', city: 'Ulm' }]]] },
  ])) as number[];
  const [place] = await person.search('party.address', [['party', '=', party]]);
  const line = { product: 1, unit: 1, quantity: 3, unit_price: { __class__: 'Decimal', decimal: '2.00' } };
  await person.call('sale.sale.create', [
    { party, reference: order, invoice_address: place, shipment_address: place, lines: [['create', [line]]] },
  ]);
  await bench.bringIn('pilot');
  expect(await seen()).toEqual({ lines: [4], ways: [2] });

  const second = await anew(bench, 'pilot');
  const kept = await bench.ledger.exceptions.openOf(bench.ref.run, 'pilot');
  expect(kept.map(({ object, sourceId, kind }) => `${kind} ${object} ${sourceId}`)).toEqual([`keptByRollback order ${order}`]);
  // The order stays and needs its customer.
  expect(await seen()).toEqual({ lines: [1], ways: [2] });

  await bench.act.openWave(second);
  await bench.load(second);
  expect(await seen()).toEqual({ lines: [4], ways: [2] });
  expect(await shut(second)).toEqual([]);

  await anew(bench, 'pilot');
  expect((await seen()).lines).toEqual([1]);
});
