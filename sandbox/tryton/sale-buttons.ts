import { UserError } from './errors.ts';
import { recordName } from './reading.ts';
import type { Row, Store } from './store.ts';
import { plain, today } from './value.ts';
import type { Act } from './writing.ts';
import { changeRecord, existing } from './writing.ts';

export type Button = 'draft' | 'quote' | 'confirm' | 'cancel';

/** States from which each button leads on; pressed anywhere else it is refused. */
const from: Readonly<Record<Button, readonly string[]>> = {
  draft: ['cancelled', 'quotation', 'confirmed'],
  quote: ['draft'],
  confirm: ['quotation'],
  cancel: ['draft', 'quotation'],
};

/** Presses a button on sales, all of them or none. `autoInvoice` tells which sales invoice themselves when quoted. */
export function press(act: Act, button: Button, ids: readonly number[], autoInvoice: (reference: string) => boolean): void {
  const sales = ids.map((id) => existing(act.store, 'sale.sale', id, 'read'));
  for (const sale of sales) checkButton(act.store, button, sale);
  for (const sale of sales) {
    switch (button) {
      case 'draft':
        changeRecord(act, 'sale.sale', sale.id, { state: 'draft' });
        break;
      case 'cancel':
        changeRecord(act, 'sale.sale', sale.id, { state: 'cancelled' });
        break;
      case 'quote':
        quote(act, sale, autoInvoice);
        break;
      case 'confirm':
        confirm(act, sale);
        break;
    }
  }
}

function checkButton(store: Store, button: Button, sale: Row): void {
  const empty = button === 'quote' && linesOf(store, sale).length === 0;
  if (from[button].includes(plain(sale.values['state'])) && !empty) return;
  throw new UserError(`You can not call "${button}" on "${recordName(store, 'sale.sale', sale)}" of "Sale".`);
}

/** Takes the sale's number at its first quotation; a later one keeps it. */
function quote(act: Act, sale: Row, autoInvoice: (reference: string) => boolean): void {
  const name = recordName(act.store, 'sale.sale', sale);
  const goods = linesOf(act.store, sale).some((line) => isGoods(act.store, line));
  if ((sale.values['invoice_address'] ?? null) === null)
    throw new UserError(`To get a quote for sale "${name}" you must enter an invoice address.`);
  if (goods && (sale.values['shipment_address'] ?? null) === null)
    throw new UserError(`To get a quote for sale "${name}" you must enter a shipment address.`);
  changeRecord(act, 'sale.sale', sale.id, { state: 'quotation', number: sale.values['number'] ?? String(act.store.next('sale.number')) });
  const reference = sale.values['reference'];
  if (typeof reference === 'string' && autoInvoice(reference)) document(act, 'account.invoice', sale);
}

/**
 * With the methods `manual` confirming makes no document; with `order` it makes them at once. Where that fails, because finance has
 * given a product no account category, the sale stays confirmed and the caller hears nothing of it.
 */
function confirm(act: Act, sale: Row): void {
  const lines = linesOf(act.store, sale);
  const invoices = sale.values['invoice_method'] === 'order';
  const stuck = invoices && lines.some((line) => (templateOf(act.store, line)?.values['account_category'] ?? null) === null);
  changeRecord(act, 'sale.sale', sale.id, { state: stuck ? 'confirmed' : 'processing', sale_date: sale.values['sale_date'] ?? today() });
  if (stuck) return;
  if (invoices) document(act, 'account.invoice', sale);
  if (sale.values['shipment_method'] === 'order' && lines.some((line) => isGoods(act.store, line)))
    document(act, 'stock.shipment.out', sale);
}

function document(act: Act, model: 'account.invoice' | 'stock.shipment.out', sale: Row): void {
  act.store.insert(model, { sale: sale.id, state: 'draft' }, act.user.id);
  act.created.set(model, (act.created.get(model) ?? 0) + 1);
}

function linesOf(store: Store, sale: Row): readonly Row[] {
  return store.pointing('sale.line', 'sale', sale.id);
}

function isGoods(store: Store, line: Row): boolean {
  return templateOf(store, line)?.values['type'] === 'goods';
}

function templateOf(store: Store, line: Row): Row | undefined {
  const product = store.row('product.product', Number(line.values['product'] ?? 0));
  return store.row('product.template', Number(product?.values['template'] ?? 0));
}
