import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields, FieldValue } from '../../contracts/fields.ts';
import { addressOf, addressReads } from './address.ts';
import type { Domain } from './caller.ts';
import { stampText } from './caller.ts';
import type { TrytonObject } from './object.ts';
import { likePattern, origin, originFields, stampsIn } from './object.ts';
import { onlyKnown, recordId } from './row-fields.ts';
import { annotateSales, createSales, updateSales } from './sale-write.ts';
import { activateSales, cancelSales, deleteSales } from './sale-transitions.ts';
import type { Json, JsonObject } from './values.ts';
import { dayTag, dayText, decimalText, folded, idText, isObject, numbersOf, objectsOf, plainText, textOf } from './values.ts';

const lineReads = ['product', 'quantity', 'unit_price', 'taxes', 'note', 'amount', '_timestamp'].map((name) => `lines.${name}`);

/**
 * A sales order: `reference` (our key, not unique), `party`, `invoiceAddress` and `shipTo` by value, `saleDate`, `currency`,
 * `paymentTerm`, `description`, `comment`, `lines`. It rests as a quotation without invoice or shipment; both methods are manual,
 * so that confirming it makes neither. Read only: `number`, `untaxed`, `tax`, `total`, `invoices` and `shipments` (counts) and the
 * `amount` of each line. Stamps cover the sale and its lines.
 */
export const sale: TrytonObject = {
  model: 'sale.sale',
  capability: {
    keyField: 'reference',
    keyIsUnique: false,
    proof: 'creator',
    rest: 'quotation',
    conditionalWrite: true,
    undo: {
      draft: 'delete',
      quotation: 'delete',
      cancelled: 'delete',
      confirmed: 'impossible',
      processing: 'impossible',
      done: 'impossible',
    },
    volatile: ['number', 'untaxed', 'tax', 'total', 'invoices', 'shipments', 'lines.amount'],
    halfWay: ['draft'],
    activated: ['confirmed', 'processing', 'done'],
    serialise: [],
  },
  shape: [
    ...['reference', 'party', 'invoiceAddress', 'shipTo', 'lines'].map((name) => ({ name, required: true, maxLength: null })),
    ...['saleDate', 'currency', 'paymentTerm', 'description', 'comment'].map((name) => ({ name, required: false, maxLength: null })),
  ],
  keyClause: (keys) => ['reference', 'in', keys],
  always: [],
  reads: [
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
  ],
  toRecord,
  criteriaDomain,
  matches: (record, criteria) => Object.entries(criteria).every(([name, value]) => folded(record.fields[name]) === folded(value)),
  operations: {
    create: createSales,
    update: updateSales,
    annotate: annotateSales,
    activate: activateSales,
    cancel: cancelSales,
    delete: deleteSales,
  },
};

function toRecord(row: JsonObject, userId: number): TargetRecord {
  const lines = objectsOf(row['lines.']);
  return {
    ...origin(row, userId),
    state: textOf(row['state']) ?? 'draft',
    stamp: stampText({ ...stampsIn('sale.sale', [row]), ...stampsIn('sale.line', lines) }),
    marker: null,
    fields: { ...headOf(row), lines: lines.map(lineOf) },
  };
}

function headOf(row: JsonObject): Fields {
  const address = (name: string): Fields | null => (isObject(row[name]) ? { ...addressOf(row[name]) } : null);
  const currency = row['currency.'];
  return {
    number: textOf(row['number']),
    reference: textOf(row['reference']),
    party: idText(row['party']),
    invoiceAddress: address('invoice_address.'),
    shipTo: address('shipment_address.'),
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

const clauses: Readonly<Record<string, (value: FieldValue) => Json>> = {
  reference: (value) => ['reference', 'ilike', likePattern(value)],
  number: (value) => ['number', '=', plainText(value)],
  party: (value) => ['party', '=', recordId(value, 'party')],
  saleDate: (value) => ['sale_date', '=', dayTag(plainText(value))],
};

function criteriaDomain(criteria: Fields): Domain {
  onlyKnown(criteria, Object.keys(clauses));
  return Object.entries(criteria).flatMap(([name, value]): Json[] => {
    const clause = clauses[name];
    return clause === undefined ? [] : [clause(value)];
  });
}
