import type { Fields, FieldValue } from '../../contracts/fields.ts';
import type { Domain } from './caller.ts';
import type { TrytonObject } from './object.ts';
import { likePattern } from './object.ts';
import { onlyKnown, recordId } from './row-fields.ts';
import { saleReads, saleRecord } from './sale-record.ts';
import { annotateSales, createSales, updateSales } from './sale-write.ts';
import { activateSales, cancelSales, deleteSales } from './sale-transitions.ts';
import type { Json } from './values.ts';
import { dayTag, folded, plainText } from './values.ts';

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
    // Confirming costs a fifth of a second each, in one transaction, and more for each the more there are: ten stay near two seconds. It locks the
    // sales it confirms and numbers none, so that several transactions do not wait for each other (`process` and `lock` of module sale).
    paces: { activate: { batchSize: 10, writesInFlight: 4 } },
    undo: {
      draft: 'delete',
      quotation: 'delete',
      cancelled: 'delete',
      confirmed: 'impossible',
      processing: 'impossible',
      done: 'impossible',
    },
    volatile: ['number', 'untaxed', 'tax', 'total', 'invoices', 'shipments', 'lines.amount'],
    decimals: ['untaxed', 'tax', 'total', 'lines.quantity', 'lines.unitPrice', 'lines.amount'],
    halfWay: ['draft'],
    activated: ['confirmed', 'processing', 'done'],
    owner: 'party',
    void: ['cancelled'],
  },
  shape: [
    ...['reference', 'party', 'invoiceAddress', 'shipTo', 'lines'].map((name) => ({ name, required: true, maxLength: null })),
    ...['saleDate', 'currency', 'paymentTerm', 'description', 'comment'].map((name) => ({ name, required: false, maxLength: null })),
  ],
  keyClause: (keys) => ['reference', 'in', keys],
  always: [],
  parts: ['lines'],
  reads: saleReads,
  toRecord: saleRecord,
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
