import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { addressOf, addressReads } from './address.ts';
import { stampText } from './caller.ts';
import { origin, originFields, stampsIn } from './object.ts';
import type { JsonObject } from './values.ts';
import { dayText, decimalText, idText, isObject, numbersOf, objectsOf, textOf } from './values.ts';

const lineReads = ['product', 'quantity', 'unit_price', 'taxes', 'note', 'amount', '_timestamp'].map((name) => `lines.${name}`);

/** What a sale is read by. */
export const saleReads: readonly string[] = [
  ...[
    'number',
    'reference',
    'state',
    'party',
    'sale_date',
    'currency.code',
    'payment_term',
    'description',
    'comment',
    'invoices',
    'shipments',
  ],
  ...['untaxed_amount', 'tax_amount', 'total_amount'],
  ...addressReads('invoice_address.'),
  ...addressReads('shipment_address.'),
  ...lineReads,
  ...originFields,
];

/** A sale as it was read by `saleReads`. */
export function saleRecord(row: JsonObject, userId: number): TargetRecord {
  const lines = objectsOf(row['lines.']);
  return {
    ...origin(row, userId),
    state: textOf(row['state']) ?? 'draft',
    stamp: stampText({ ...stampsIn('sale.sale', [row]), ...stampsIn('sale.line', lines) }),
    marker: null,
    fields: { ...headOf(row), lines: lines.map(lineOf) },
  };
}

/** An address of a sale by what it says; null where it has none. */
export function saleAddress(row: JsonObject, name: 'invoice_address.' | 'shipment_address.'): Fields | null {
  const address = row[name];
  return isObject(address) ? { ...addressOf(address) } : null;
}

function headOf(row: JsonObject): Fields {
  const currency = row['currency.'];
  return {
    number: textOf(row['number']),
    reference: textOf(row['reference']),
    party: idText(row['party']),
    invoiceAddress: saleAddress(row, 'invoice_address.'),
    shipTo: saleAddress(row, 'shipment_address.'),
    saleDate: dayText(row['sale_date']),
    currency: isObject(currency) ? textOf(currency['code']) : null,
    paymentTerm: idText(row['payment_term']),
    description: textOf(row['description']),
    comment: textOf(row['comment']),
    untaxed: decimalText(row['untaxed_amount']),
    tax: decimalText(row['tax_amount']),
    total: decimalText(row['total_amount']),
    invoices: numbersOf(row['invoices']).length,
    shipments: numbersOf(row['shipments']).length,
  };
}

function lineOf(line: JsonObject): Fields {
  return {
    product: idText(line['product']),
    quantity: decimalText(line['quantity']),
    unitPrice: decimalText(line['unit_price']),
    taxes: numbersOf(line['taxes']).map(String),
    note: textOf(line['note']),
    amount: decimalText(line['amount']),
  };
}
