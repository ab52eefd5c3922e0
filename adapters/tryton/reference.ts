import type { Fields } from '../../contracts/fields.ts';
import type { Domain } from './caller.ts';
import { anyActivity } from './caller.ts';
import type { TrytonObject } from './object.ts';
import { likePattern, origin, originFields, sameDecimal } from './object.ts';
import { onlyKnown } from './row-fields.ts';
import type { JsonObject } from './values.ts';
import { decimalText, folded, textOf } from './values.ts';

/** A tax set up by finance: `name` and `rate` (a fraction, `"0.10"`). Read only. */
export const tax: TrytonObject = reference('account.tax', { name: (row) => textOf(row['name']), rate: (row) => decimalText(row['rate']) });

/** A payment term set up by finance: `name`. Read only. */
export const paymentTerm: TrytonObject = reference('account.invoice.payment_term', { name: (row) => textOf(row['name']) });

function reference(model: string, read: Readonly<Record<string, (row: JsonObject) => string | null>>): TrytonObject {
  const names = Object.keys(read);
  return {
    model,
    capability: {
      keyField: 'name',
      keyIsUnique: false,
      proof: 'none',
      rest: null,
      conditionalWrite: false,
      paces: {},
      undo: { '*': 'impossible' },
      volatile: [],
      decimals: names.filter((name) => name === 'rate'),
      halfWay: [],
      activated: [],
      owner: null,
      void: [],
    },
    shape: names.map((name) => ({ name, required: true, maxLength: null })),
    keyClause: (keys) => ['name', 'in', keys],
    always: anyActivity,
    parts: [],
    reads: [...names, 'active', ...originFields],
    toRecord: (row, userId) => ({
      ...origin(row, userId),
      state: row['active'] === true ? 'active' : 'inactive',
      stamp: textOf(row['_timestamp']),
      marker: null,
      fields: Object.fromEntries(Object.entries(read).map(([name, value]) => [name, value(row)])),
    }),
    criteriaDomain: (criteria) => criteriaDomain(criteria, names),
    matches: (record, criteria) =>
      Object.entries(criteria).every(
        ([name, value]) => folded(record.fields[name]) === folded(value) || sameDecimal(record.fields[name], value),
      ),
    operations: {},
  };
}

function criteriaDomain(criteria: Fields, names: readonly string[]): Domain {
  onlyKnown(criteria, names);
  const name = criteria['name'];
  return name === undefined ? [] : [['name', 'ilike', likePattern(name)]];
}
