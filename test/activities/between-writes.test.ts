import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WaveRef } from '../../contracts/messages.ts';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { startBench, type Bench } from './bench.ts';
import { refuse } from './outside.ts';

let bench: Bench;
let pilot: WaveRef;
let person: ErpPerson;

beforeEach(async () => {
  bench = await startBench();
  pilot = await bench.bringIn('pilot');
  person = await ErpPerson.enter(bench.business.erp);
});
afterEach(() => bench.stop());

const legacy = (statement: string): Promise<unknown> => inLegacy(bench.business, 'admin', statement);
const sales = async (): Promise<readonly unknown[]> =>
  (await erpTable(bench.business, 'sale.sale')).map(({ reference, comment }) => [reference, comment]).sort();
const party = async (code: string): Promise<unknown> =>
  (await erpTable(bench.business, 'party.party')).find((row) => row['code'] === code)?.['name'] ?? null;
const told = async (): Promise<readonly unknown[]> =>
  (await bench.ledger.exceptions.openOf(bench.ref.run, 'pilot')).map(({ kind, object, sourceId, message }) => [
    ...[kind, object, sourceId],
    /Changed by somebody since: (.*)\./.exec(message)?.[1] ?? /in the target \((.*)\)/.exec(message)?.[1] ?? null,
  ]);

/** Source records that we have written to twice. */
const writtenTwice = async (): Promise<readonly unknown[]> => {
  const statement = `select source_id from effect where wave = 'pilot' and status = 'applied' group by object, source_id having count(*) = 2 order by object, source_id`;
  return (await askDatabase(bench.business.ledgerUrl, [statement])).flat().map((row) => row['source_id']);
};

async function comment(reference: string): Promise<void> {
  const [sale = 0] = await person.search('sale.sale', [['reference', '=', reference]]);
  await person.call('sale.sale.write', [sale], { comment: 'promised for Friday' });
}

/** Somebody works on an order and a customer in the target, and then legacy changes another field of both, and of two more records. */
async function workBetweenTwoWrites(): Promise<void> {
  await comment('11077');
  const [customer = 0] = await person.search('party.party', [['code', '=', 'ALFKI']]);
  await person.call('party.party.write', [customer], { name: 'Alfreds and Sons' });
  await legacy('update order_details set quantity = quantity + 1 where order_id in (11077, 11008)');
  await legacy(`update customers set phone = '030-777' where customer_id in ('ALFKI', 'ERNSH')`);
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
}

test('what somebody changed between two of our writes stays through a rollback and is listed, and what only we wrote twice is taken back', async () => {
  await workBetweenTwoWrites();
  expect(await writtenTwice()).toEqual(['ALFKI', 'ERNSH', '11008', '11077']);
  await bench.takeBack(pilot);
  expect(await bench.act.finishUndo(pilot)).toMatchObject({ state: 'rolledBackWithExceptions' });
  expect(await sales()).toEqual([['11077', 'promised for Friday']]);
  expect([await party('ALFKI'), await party('ERNSH')]).toEqual(['Alfreds and Sons', null]);
  expect(await told()).toEqual([
    ['keptByRollback', 'order', '11077', 'comment'],
    ['keptByRollback', 'customer', 'ALFKI', 'name'],
  ]);
});

test('an order that somebody worked on between two of our writes is not deleted with its legacy record, but listed', async () => {
  await workBetweenTwoWrites();
  await legacy('delete from order_details where order_id in (11077, 11008)');
  await legacy('delete from orders where order_id in (11077, 11008)');
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  expect(await sales()).toEqual([
    ['11072', null],
    ['11077', 'promised for Friday'],
  ]);
  expect(await told()).toEqual([['changedByPerson', 'order', '11077', 'comment']]);
});

test('what somebody changed before a refused write was tried again is theirs as well', async () => {
  await legacy('update order_details set quantity = quantity + 1 where order_id in (11077, 11008)');
  await bench.act.stageDelta(pilot);
  await refuse(bench, 'model.sale.sale.write');
  await bench.load(pilot);
  expect(await told()).toEqual([
    ['refused', 'order', '11008', null],
    ['refused', 'order', '11077', null],
  ]);
  await refuse(bench, null);
  await comment('11077');
  await bench.load(pilot);
  expect([await told(), await writtenTwice()]).toEqual([[], ['11008', '11077']]);
  await bench.takeBack(pilot);
  await bench.act.finishUndo(pilot);
  expect(await sales()).toEqual([['11077', 'promised for Friday']]);
  expect(await told()).toEqual([['keptByRollback', 'order', '11077', 'comment']]);
});
