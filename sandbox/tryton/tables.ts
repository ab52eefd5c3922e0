import { readRow } from './reading.ts';
import type { Row, Store } from './store.ts';
import type { Values } from './value.ts';

const origin = ['create_uid', 'create_date', 'write_uid', 'write_date'];
const reads: Readonly<Record<string, readonly string[]>> = {
  'party.party': [
    ...['code', 'name', 'active'],
    ...[
      'addresses.street',
      'addresses.city',
      'addresses.postal_code',
      'addresses.country.code',
      'contact_mechanisms.type',
      'contact_mechanisms.value',
    ],
    ...['contact_mechanisms.name', 'identifiers.type', 'identifiers.code'],
  ],
  'party.address': ['party', 'street', 'city', 'active', 'sequence'],
  'product.product': [
    'code',
    'active',
    'template',
    'template.name',
    'template.list_price',
    'template.type',
    'template.salable',
    'template.active',
  ],
  'sale.sale': [
    ...[
      'number',
      'reference',
      'state',
      'party',
      'invoice_address',
      'shipment_address',
      'sale_date',
      'currency.code',
      'payment_term',
      'description',
      'comment',
    ],
    ...['invoice_method', 'shipment_method', 'untaxed_amount', 'tax_amount', 'total_amount', 'invoices', 'shipments'],
    ...['product', 'quantity', 'unit_price', 'taxes', 'note', 'amount'].map((name) => `lines.${name}`),
  ],
  'account.invoice': ['sale', 'state'],
  'stock.shipment.out': ['sale', 'state'],
  'account.tax': ['name', 'rate'],
  'account.invoice.payment_term': ['name'],
};

/** Every business record with its children and ids, inactive ones included, for those who judge a run from outside. */
export function dumpTables(store: Store): Readonly<Record<string, readonly Values[]>> {
  return Object.fromEntries(
    Object.entries(reads).map(([model, fields]) => [
      model,
      [...store.rows(model)]
        .sort((left: Row, right: Row) => left.id - right.id)
        .map((row) => readRow(store, model, row, [...fields, ...origin])),
    ]),
  );
}
