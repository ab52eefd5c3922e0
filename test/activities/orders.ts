import type { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { randomUUID } from 'node:crypto';
import type { WaveRef } from '../../contracts/messages.ts';
import { only, stage, write, type LoadBench } from './load-bench.ts';

const address = { street: 'Obere Str. 57', city: 'Berlin', postalCode: '12209', country: 'DE' };

/** A new customer who is in the target already, with all that an order of his refers to. Returns his key. */
export async function customerOfOrders(bench: LoadBench, ref: WaveRef): Promise<string> {
  const customer = `R-${randomUUID().slice(0, 8)}`;
  await write(bench.person, 'party', 'create', { code: customer, name: 'Alfreds Futterkiste', addresses: [address] });
  await known(bench, ref, 'customer', customer, 'party', customer);
  await known(bench, ref, 'terms', 'NET30', 'paymentTerm', 'Net 30');
  await known(bench, ref, 'product', 'FREIGHT', 'product', 'FREIGHT');
  await known(bench, ref, 'tax', 'TEN', 'tax', 'Sales tax 10%');
  return customer;
}

/** Writes down that a source record is this one of the target, as a load that matched it would. */
async function known(bench: LoadBench, ref: WaveRef, object: string, sourceId: string, targetObject: string, key: string): Promise<void> {
  const { id } = await only(bench.person, targetObject, key);
  const { scope } = await bench.ledger.runs.get(ref.run);
  const [lane = 0] = await bench.ledger.lanes.plan({ ...ref, kind: 'load', object }, [sourceId], 1);
  const claimed = await bench.ledger.lanes.claim(lane, 60_000);
  await bench.ledger.crosswalk.match({ ...ref, scope: scope ?? '', lane, token: 'token' in claimed ? claimed.token : 0 }, [
    { object, sourceId, system: 'erp', targetObject, targetId: id, shares: 'always', contentHash: null },
  ]);
}

/** Stages an order of one line. */
export function stageFreight(bench: LoadBench, ref: WaveRef, customer: string, number: string): Promise<void> {
  return stage(bench, ref, 'order', number, {
    ...{ order_number: number, customer_id: customer, order_date: '1998-05-04', currency: 'USD', terms_code: 'NET30' },
    ...{ invoice_address: address, ship_to: address },
    lines: [{ item: 'FREIGHT', quantity: '1', unit_price: '4.50', discount: '0', tax_code: 'TEN', note: null }],
  });
}

/** A number that no other order has. */
export function newNumber(): string {
  return `1${String(Math.floor(Math.random() * 1e9))}`;
}

/** An order that somebody takes by telephone in the new system. */
export async function takeOrder(person: ErpPerson, code: string, reference: string): Promise<number> {
  const [party = 0] = await person.search('party.party', [['code', '=', code]]);
  const [address] = await person.search('party.address', [['party', '=', party]]);
  const made = await person.call('sale.sale.create', [{ party, reference, invoice_address: address, shipment_address: address }]);
  return (made as number[])[0] ?? 0;
}
