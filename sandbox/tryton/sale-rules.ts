import { UserError } from './errors.ts';
import { recordName } from './reading.ts';
import type { Row, Store } from './store.ts';
import type { Values } from './value.ts';

/** A new sale is a draft in the company's currency; both methods make documents at once unless told otherwise. */
export function saleDefaults(store: Store): Values {
  const [company] = store.rows('company.company');
  return {
    company: company?.id ?? null,
    currency: company?.values['currency'] ?? null,
    state: 'draft',
    invoice_method: 'order',
    shipment_method: 'order',
  };
}

/** Addresses must be the party's own. */
export function checkSale(store: Store, row: Row): void {
  for (const [name, label] of [
    ['invoice_address', 'Invoice Address'],
    ['shipment_address', 'Shipment Address'],
  ] as const) {
    const address = row.values[name] ?? null;
    if (address === null || store.row('party.address', Number(address))?.values['party'] === row.values['party']) continue;
    throw new UserError(
      `The value "" for field "${label}" in record "${recordName(store, 'sale.sale', row)}" of "Sale" is not valid according to its domain.`,
    );
  }
}

/** Products on a draft or quotation must be for sale, and need a unit. */
export function checkSaleLine(store: Store, row: Row): void {
  const product = store.row('product.product', Number(row.values['product'] ?? 0));
  if (product === undefined) return;
  if ((row.values['unit'] ?? null) === null)
    throw new UserError(`A value is required for field "Unit" in record "${recordName(store, 'sale.line', row)}" of "Sale Line".`);
  const state = store.row('sale.sale', Number(row.values['sale']))?.values['state'];
  const salable = store.row('product.template', Number(product.values['template']))?.values['salable'] === true;
  if ((state === 'draft' || state === 'quotation') && Number(row.values['quantity']) >= 0 && !salable) {
    throw new UserError(
      `The value "" for field "Product" in record "${recordName(store, 'sale.line', row)}" of "Sale Line" is not valid according to its domain.`,
    );
  }
}
