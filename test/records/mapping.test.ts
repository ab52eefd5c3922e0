import { describe, expect, test } from 'vitest';
import type { Fields } from '../../contracts/fields.ts';
import { mapFields, referredKeys, type Resolve } from '../../records/mapping.ts';

const known: Readonly<Record<string, string>> = { 'customers/ALFKI': '17', 'users/default': '3' };
const resolve: Resolve = (object, key) => known[`${object}/${key}`] ?? null;
const order: Fields = {
  key: '11074',
  customer_id: 'ALFKI',
  name: '  Simons   bistro ',
  blank: ' ',
  fax: null,
  freight: '18.4400',
  count: 12,
  price: 9.8,
  paid: true,
  ordered: '1998-05-06',
  shipped: '1998-05-07T23:30:00.000Z',
  lines: [
    { product_id: '16', unit_price: '17.4500', discount: '0.05', quantity: '14' },
    { product_id: '2', unit_price: '19.0000', discount: '0', quantity: '1' },
  ],
};
const map = (rules: Parameters<typeof mapFields>[0], source: Fields = order) => mapFields(rules, source, resolve);
const problemOf = (rule: Parameters<typeof mapFields>[0][string], source: Fields = order) => map({ field: rule }, source).problems;

describe('copying a column', () => {
  test('takes it as it stands, or read as the rule says', () => {
    const { fields, problems, missing } = map({
      plain: { from: 'name' },
      trimmed: { from: 'name', as: 'trimmed' },
      text: { from: 'count', as: 'text' },
      flag: { from: 'paid', as: 'text' },
      decimal: { from: 'freight', as: 'decimal' },
      whole: { from: 'count', as: 'decimal' },
      day: { from: 'ordered', as: 'date' },
      instant: { from: 'shipped', as: 'date', zone: 'UTC' },
    });
    expect(fields).toEqual({
      plain: '  Simons   bistro ',
      trimmed: 'Simons bistro',
      text: '12',
      flag: 'true',
      decimal: '18.4400',
      whole: '12',
      day: '1998-05-06',
      instant: '1998-05-07',
    });
    expect([problems, missing]).toEqual([[], []]);
  });

  test('takes every blank that a system may take away, and leaves what stands inside a word', () => {
    const blanks = ['\u00a0', '\u0085', '\u001c', '\u001f', '\u3000', '\ufeff', '\t'];
    const name = `${blanks.join('')}Simons${blanks.join('')}bi\u200bstro${blanks.join('')}`;
    expect(map({ trimmed: { from: 'name', as: 'trimmed' } }, { ...order, name }).fields).toEqual({ trimmed: 'Simons bi\u200bstro' });
  });

  test('leaves null, or its fallback, where there is nothing', () => {
    const { fields } = map({
      fax: { from: 'fax', as: 'trimmed' },
      blank: { from: 'blank', as: 'trimmed' },
      filled: { from: 'blank', as: 'trimmed', fallback: 'unknown' },
      kept: { from: 'name', as: 'trimmed', fallback: 'unknown' },
    });
    expect(fields).toEqual({ fax: null, blank: null, filled: 'unknown', kept: 'Simons bistro' });
  });

  test('reports a column that the query does not yield', () => {
    expect(map({ tax: { from: 'tax_code' } })).toEqual({
      fields: {},
      missing: [],
      problems: [{ field: 'tax', message: 'the source record has no column tax_code; let the query yield it' }],
    });
  });

  test.each([
    [{ from: 'price', as: 'decimal' }, 'column price is not an exact decimal number; cast it to numeric or text in the query'],
    [{ from: 'name', as: 'decimal' }, 'column name is not an exact decimal number; cast it to numeric or text in the query'],
    [{ from: 'name', as: 'date' }, 'column name is not a day'],
    [{ from: 'count', as: 'date' }, 'column count is not a day'],
    [{ from: 'lines', as: 'text' }, 'column lines is not a text'],
    [{ from: 'lines', as: 'trimmed' }, 'column lines is not a text'],
  ] as const)('reports %j by its column and never by its content', (rule, message) => {
    expect(problemOf(rule)).toEqual([{ field: 'field', message }]);
  });

  test.each([
    ['2024-03-01T04:30:00Z', 'America/New_York', '2024-02-29'],
    ['2024-03-01T04:30:00Z', 'Asia/Tokyo', '2024-03-01'],
    ['2024-02-29T23:30:00-05:00', 'America/New_York', '2024-02-29'],
    ['2024-02-29T23:30:00-05', 'UTC', '2024-03-01'],
    ['2024-03-31T23:30:00.123456Z', 'Europe/Paris', '2024-04-01'],
  ])('takes the day of the moment %s from the calendar of %s: %s', (moment, zone, day) => {
    expect(map({ day: { from: 'moment', as: 'date', zone } }, { moment }).fields).toEqual({ day });
  });

  test('takes the day of a time without a zone as it is written, and refuses a moment without one', () => {
    expect(map({ day: { from: 'time', as: 'date' } }, { time: '2024-02-29T23:30:00' }).fields).toEqual({ day: '2024-02-29' });
    expect(problemOf({ from: 'moment', as: 'date' }, { moment: '2024-02-29T23:30:00Z' })).toEqual([
      { field: 'field', message: expect.stringContaining('name the zone') },
    ]);
    expect(problemOf({ from: 'moment', as: 'date', zone: 'UTC' }, { moment: '2024-02-29T99:30:00Z' })).toHaveLength(1);
  });

  test('takes no day that the calendar does not have', () => {
    for (const day of ['1998-02-30', '1998-13-01', '1998-2-3']) expect(problemOf({ from: 'day', as: 'date' }, { day })).toHaveLength(1);
  });
});

describe('constants and templates', () => {
  test('a constant is itself', () => {
    expect(map({ a: { value: 'USD' }, b: { value: false }, c: { value: null } }).fields).toEqual({ a: 'USD', b: false, c: null });
  });

  test('a template is filled with columns, an absent value leaving nothing', () => {
    expect(map({ note: { text: 'Order {key}{fax}, freight {freight}' } }).fields).toEqual({ note: 'Order 11074, freight 18.4400' });
  });

  test('a template reports each place it cannot fill', () => {
    expect(problemOf({ text: '{nothing} {lines}' })).toEqual([
      { field: 'field', message: 'the source record has no column nothing; let the query yield it; column lines is not a text' },
    ]);
  });
});

describe('references', () => {
  test('lead to the target record by the crosswalk', () => {
    expect(map({ party: { ref: 'customers', from: 'customer_id' } })).toEqual({ fields: { party: '17' }, missing: [], problems: [] });
  });

  test('that lead nowhere yet are null and named as missing', () => {
    expect(map({ product: { ref: 'products', from: 'key' } })).toEqual({
      fields: { product: null },
      missing: [{ object: 'products', key: '11074' }],
      problems: [],
    });
  });

  test('fall back to another record where the column is empty or leads nowhere', () => {
    const rule = { ref: 'users', from: 'customer_id', fallback: 'default' };
    expect(map({ owner: rule }).fields).toEqual({ owner: '3' });
    expect(map({ owner: { ...rule, from: 'fax' } }).fields).toEqual({ owner: '3' });
    expect(map({ owner: { ...rule, fallback: 'nobody' } }).missing).toEqual([{ object: 'users', key: 'ALFKI' }]);
    expect(map({ owner: { ...rule, from: 'fax', fallback: 'nobody' } }).missing).toEqual([{ object: 'users', key: 'nobody' }]);
  });

  test('are null where the column is empty and nothing stands in', () => {
    expect(map({ owner: { ref: 'users', from: 'fax' } })).toEqual({ fields: { owner: null }, missing: [], problems: [] });
  });

  test('need a key', () => {
    expect(problemOf({ ref: 'users', from: 'lines' })).toEqual([{ field: 'field', message: 'column lines is not a key' }]);
    expect(problemOf({ ref: 'users', from: 'nothing' })).toHaveLength(1);
  });
});

test('the keys that a mapping looks up are named beforehand, those of fallbacks and of entries of lists too', () => {
  const rules = {
    party: { ref: 'customers', from: 'customer_id' },
    owner: { ref: 'users', from: 'fax', fallback: 'default' },
    lines: { each: 'lines', fields: { product: { ref: 'products', from: 'product_id' }, quantity: { from: 'quantity' } } },
    none: { each: 'name', fields: { product: { ref: 'products', from: 'product_id' } } },
    name: { from: 'name' },
  } as const;
  expect(referredKeys(rules, { ...order, lines: [{ product_id: '16', quantity: '1' }, 'no record'] })).toEqual([
    { object: 'customers', key: 'ALFKI' },
    { object: 'users', key: 'default' },
    { object: 'products', key: '16' },
  ]);
});

describe('a discount folded into a price', () => {
  const rule = { discounted: { price: 'unit_price', discount: 'discount', digits: 4 } };

  test('is exact, in the digits asked for', () => {
    expect(map({ price: rule }, { unit_price: '17.45', discount: '0.05' }).fields).toEqual({ price: '16.5775' });
    expect(map({ price: rule }, { unit_price: '14', discount: '0' }).fields).toEqual({ price: '14.0000' });
  });

  test.each([
    [{ unit_price: '9.99', discount: '0.333' }, 'the discounted price does not fit into 4 decimals'],
    [{ unit_price: '9.99', discount: '1.5' }, 'column discount is not a fraction between 0 and 1'],
    [{ unit_price: '9.99', discount: '-0.1' }, 'column discount is not a fraction between 0 and 1'],
    [{ unit_price: '9.99', discount: 0.1 }, 'column discount is not an exact decimal number'],
    [{ unit_price: null, discount: '0' }, 'column unit_price is not an exact decimal number'],
    [{ discount: '0' }, 'column unit_price is not an exact decimal number'],
    [{ unit_price: '1' }, 'column discount is not an exact decimal number'],
  ])('is a problem and never rounded for %j', (source, message) => {
    expect(problemOf(rule, source)).toEqual([{ field: 'field', message }]);
  });
});

describe('nested lists', () => {
  const lines = { each: 'lines', fields: { quantity: { from: 'quantity' }, product: { ref: 'products', from: 'product_id' } } };

  test('are mapped entry by entry', () => {
    const { fields, missing } = map({ lines });
    expect(fields).toEqual({
      lines: [
        { quantity: '14', product: null },
        { quantity: '1', product: null },
      ],
    });
    expect(missing).toEqual([
      { object: 'products', key: '16' },
      { object: 'products', key: '2' },
    ]);
  });

  test('report a problem at its entry', () => {
    expect(map({ lines: { each: 'lines', fields: { note: { from: 'note' } } } }).problems.map(({ field }) => field)).toEqual([
      'lines[0].note',
      'lines[1].note',
    ]);
  });

  test('are empty where the column is', () => {
    expect(map({ lines: { ...lines, each: 'fax' } }).fields).toEqual({ lines: [] });
  });

  test('must be lists of records', () => {
    expect(problemOf({ ...lines, each: 'nothing' })).toHaveLength(1);
    expect(problemOf({ ...lines, each: 'name' })).toEqual([{ field: 'field', message: 'column name is not a list' }]);
    expect(problemOf({ ...lines, each: 'tags' }, { tags: ['a'] })).toEqual([
      { field: 'field', message: 'column tags holds an entry that is no record' },
    ]);
  });
});
