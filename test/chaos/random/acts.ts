import { addFault, clearFaults } from '../../../scripts/dev/faults.ts';
import { ErpPerson } from '../../../scripts/dev/erp-person.ts';
import type { Stack } from '../../../scripts/dev/stack.ts';
import type { Driver } from '../../support/arena/driver.ts';
import { endRun } from '../../support/arena/ending.ts';
import { inLegacy } from '../../support/arena/people.ts';
import type { Crew } from './crew.ts';
import type { Desk } from './desk.ts';
import type { Entered } from './judged.ts';
import type { Act } from './schedule.ts';

/** How long it may take to terminate a run with its children (ms): the server may be restarting. */
const endsWithinMs = 10_000;

/** What became of acts, by kind and outcome: `order done`, `order refused`. */
export type Counts = Record<string, number>;

/** The arms with which a schedule acts on a business. It keeps what people were told was entered. */
export class Actor {
  readonly #driver: Driver;
  readonly #stack: Stack;
  readonly #crew: Crew;
  readonly #desk: Desk;
  readonly counts: Counts = {};
  readonly entered: Entered = { orders: [], phones: new Map(), parties: [], names: new Map(), sales: [], touched: new Set() };

  constructor(driver: Driver, stack: Stack, crew: Crew, desk: Desk) {
    [this.#driver, this.#stack, this.#crew, this.#desk] = [driver, stack, crew, desk];
  }

  /** Does one act and notes what became of it. Never throws: a refusal is an outcome. */
  async act(act: Act): Promise<void> {
    const outcome = await this.#do(act).catch(() => 'refused');
    const key = `${act.kind} ${outcome}`;
    this.counts[key] = (this.counts[key] ?? 0) + 1;
  }

  async #do(act: Act): Promise<'done' | 'nothing to do'> {
    switch (act.kind) {
      case 'kill':
        this.#crew.kill(act.worker);
        return 'done';
      case 'sleep':
        await this.#crew.sleep(act.worker, act.forMs);
        return 'done';
      case 'fault':
        return this.#misbehave(act);
      case 'order':
      case 'phone':
        return this.#inLegacy(act);
      case 'party':
      case 'rename':
      case 'sale':
        return this.#inErp(act);
      case 'postgres':
        await this.#stack.postgres.restart();
        return 'done';
      case 'temporal':
        await this.#stack.temporal.crash();
        return 'done';
      case 'terminate':
        await this.#driver.within(endsWithinMs, () => endRun(this.#driver, act.childrenToo));
        return 'done';
      case 'hold':
      case 'holdAndResume':
      case 'noGo':
      case 'goAndNoGo':
      case 'twice':
      case 'rollback':
        return this.#desk.act(act);
    }
  }

  async #misbehave({ system, fault, forMs }: Extract<Act, { kind: 'fault' }>): Promise<'done'> {
    const control = this.#driver.business.faults[system];
    await addFault(control, fault);
    await new Promise((resolve) => setTimeout(resolve, forMs));
    await clearFaults(control);
    return 'done';
  }

  /** What legacy accepted it must have; what it refused nobody was told of. While PostgreSQL is restarted nobody knows, and nobody relies on it. */
  async #inLegacy(act: Extract<Act, { kind: 'order' | 'phone' }>): Promise<'done'> {
    const { business } = this.#driver;
    if (act.kind === 'phone') {
      await inLegacy(business, 'app', `update customers set phone = '${act.phone}' where customer_id = '${act.account}'`);
      this.entered.phones.set(act.account, act.phone);
      return 'done';
    }
    const id = String(act.order);
    // Two statements in one message are one transaction.
    await inLegacy(
      business,
      'app',
      `insert into orders (order_id, customer_id, employee_id, order_date, freight, ship_name, ship_address, ship_city, ship_postal_code, ship_country, tax_code, freight_tax_code)
       select ${id}, customer_id, 1, '2026-01-05', 10.00, company_name, address, city, postal_code, country, 'EXPORT', 'EXPORT' from customers where customer_id = '${act.account}';
       insert into order_details values (${id}, 1, 18.0000, 2, 0)`,
    );
    this.entered.orders.push(id);
    return 'done';
  }

  async #inErp(act: Extract<Act, { kind: 'party' | 'rename' | 'sale' }>): Promise<'done' | 'nothing to do'> {
    const person = await ErpPerson.enter(this.#driver.business.erp);
    if (act.kind === 'party') {
      await person.call('party.party.create', [{ code: act.code, name: act.code }]);
      this.entered.parties.push(act.code);
      return 'done';
    }
    const [party] = await person.search('party.party', [['code', '=', act.account]]);
    if (party === undefined) return 'nothing to do';
    this.entered.touched.add(act.account);
    if (act.kind === 'rename') {
      await person.call('party.party.write', [party], { name: act.name });
      this.entered.names.set(act.account, act.name);
      return 'done';
    }
    const [address] = await person.search('party.address', [['party', '=', party]]);
    await person.call('sale.sale.create', [{ party, reference: act.reference, invoice_address: address, shipment_address: address }]);
    this.entered.sales.push(act.reference);
    return 'done';
  }
}
