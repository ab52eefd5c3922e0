import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { add, sum } from '../../domain/money/decimal.ts';
import { amountOf, documentTotals, type DocumentLine } from '../../records/money.ts';

const net = { lines: 'lines', price: 'price', quantity: 'quantity', discount: 'discount' };

/** Rows of a Northwind file; none of the columns used here holds a comma. */
function northwind(file: string): Record<string, string>[] {
  const [head, ...rows] = readFileSync(new URL(`../../examples/northwind/data/${file}`, import.meta.url), 'utf8')
    .trim()
    .split(/\r?\n/);
  const names = head!.split(',');
  return rows.map((row) => Object.fromEntries(row.split(',').map((value, index) => [names[index]!, value])));
}

describe('an amount of a source record', () => {
  test('is a column as it stands, in cents', () => {
    expect(amountOf({ column: 'freight' }, { freight: '18.4400' }, 'halfUp')).toBe('18.44');
    expect(amountOf({ column: 'count' }, { count: 3 }, 'halfUp')).toBe('3.00');
  });

  test('adds up lines, each rounded by the rule of the system', () => {
    const source = {
      lines: [
        { price: '17.45', quantity: '14', discount: '0.05' },
        { price: '9.80', quantity: 10, discount: '0' },
      ],
    };
    expect(amountOf(net, source, 'halfUp')).toBe('330.09');
    expect(amountOf(net, source, 'halfEven')).toBe('330.08');
    expect(amountOf({ lines: 'lines', price: 'price', quantity: 'quantity' }, source, 'halfUp')).toBe('342.30');
  });

  test('adds up only the lines that hold the values asked for', () => {
    const source = {
      lines: [
        { kind: 'goods', price: '2', quantity: '3' },
        { kind: 'freight', price: '5', quantity: '1' },
        { price: '7', quantity: '1' },
      ],
    };
    expect(amountOf({ lines: 'lines', where: { kind: 'goods' }, price: 'price', quantity: 'quantity' }, source, 'halfUp')).toBe('6.00');
  });

  test('is the tax where a rate is named, rounded once for each rate', () => {
    const line = { price: '0.05', quantity: '1' };
    const rule = { lines: 'lines', price: 'price', quantity: 'quantity', rate: 'rate' };
    expect(amountOf(rule, { rate: '0.10', lines: [line, line, line] }, 'halfUp')).toBe('0.02');
    expect(amountOf(rule, { rate: '0.10', lines: [line, { ...line, rate: '0.1000001' }] }, 'halfUp')).toBe('0.02');
    expect(amountOf({ column: 'freight', rate: 'rate' }, { freight: '10', rate: '0.05' }, 'halfUp')).toBe('0.50');
  });

  test('is nothing where there are no lines', () => {
    expect(amountOf(net, { lines: [] }, 'halfUp')).toBe('0.00');
    expect(amountOf(net, { lines: null }, 'halfUp')).toBe('0.00');
  });

  test.each([
    [{ column: 'freight' }, { freight: null }],
    [
      { column: 'freight', rate: 'rate' },
      { freight: '1', rate: null },
    ],
    [net, { lines: [{ price: '1', quantity: null, discount: '0' }] }],
    [net, { lines: [{ price: null, quantity: '1', discount: '0' }] }],
    [
      net,
      {
        lines: [
          { price: '1', quantity: '1', discount: null },
          { price: '1', quantity: '1', discount: '0' },
        ],
      },
    ],
  ])('of %j in %j is not known, which is not zero', (rule, source) => {
    expect(amountOf(rule, source, 'halfUp')).toBeNull();
  });

  test.each([
    [{ column: 'freight' }, {}, 'column freight is not an exact decimal number; let the query yield it as numeric or text'],
    [{ column: 'freight' }, { freight: 0.1 }, 'column freight is not an exact decimal number; let the query yield it as numeric or text'],
    [net, { lines: 'none' }, 'column lines is not a list of records'],
    [net, {}, 'column lines is not a list of records'],
    [net, { lines: ['x'] }, 'column lines is not a list of records'],
  ])('of %j in %j is refused by its column', (rule, source, message) => {
    expect(() => amountOf(rule, source, 'halfUp')).toThrow(new RangeError(message));
  });
});

describe('the records of Northwind', () => {
  const details = northwind('order_details.csv');
  const linesOf = (rows: typeof details) => ({
    lines: rows.map(({ UnitPrice, Quantity, Discount }) => ({ price: UnitPrice!, quantity: Quantity!, discount: Discount! })),
  });

  test('add up to what their ledger says, half up per line', () => {
    expect(details).toHaveLength(2_155);
    expect(amountOf(net, linesOf(details), 'halfUp')).toBe('1265793.29');
  });

  test.each([
    ['11074', '16'],
    ['11077', '64'],
  ])('differ by a cent in order %s, product %s, when rounded half even', (order, product) => {
    const line = linesOf(details.filter(({ OrderID, ProductID }) => OrderID === order && ProductID === product));
    expect(line.lines).toHaveLength(1);
    expect(add(amountOf(net, line, 'halfEven')!, '0.01')).toBe(amountOf(net, line, 'halfUp'));
  });
});

describe('what the target will say of a document', () => {
  const rates = { goods: '0.10', freight: '0.05', none: '0' };

  test('is worked out by its rounding, tax on the unrounded lines and rounded per document', () => {
    const lines = [
      { quantity: '14', unitPrice: '16.5775', taxes: ['goods'] },
      { quantity: '3', unitPrice: '1.115', taxes: ['goods'] },
      { quantity: '1', unitPrice: '18.44', taxes: ['freight'] },
    ];
    expect(documentTotals(lines, rates, 'halfEven')).toEqual({ untaxed: '253.86', tax: '24.46', total: '278.32' });
  });

  test('rounds the tax of lines with the same taxes once, of others apart', () => {
    const line = { quantity: '1', unitPrice: '0.05', taxes: ['goods'] };
    expect(documentTotals([line, line, line], rates, 'halfEven').tax).toBe('0.02');
    expect(documentTotals([line, { ...line, taxes: ['none', 'goods'] }], rates, 'halfEven').tax).toBe('0.00');
    expect(documentTotals([line, line, { ...line, quantity: '-1' }], rates, 'halfEven').tax).toBe('0.01');
  });

  test('takes back a cent that rounding several taxes of one line adds', () => {
    const both = { quantity: '1', unitPrice: '0.07', taxes: ['goods', 'goods'] };
    expect(documentTotals([both], rates, 'halfEven').tax).toBe('0.01');
    expect(documentTotals([{ ...both, taxes: ['goods'] }], rates, 'halfEven').tax).toBe('0.01');
  });

  test('has no tax on lines without one, and nothing of no lines', () => {
    expect(documentTotals([{ quantity: '2', unitPrice: '5', taxes: [] }], rates, 'halfUp')).toEqual({
      untaxed: '10.00',
      tax: '0.00',
      total: '10.00',
    });
    expect(documentTotals([], rates, 'halfUp')).toEqual({ untaxed: '0.00', tax: '0.00', total: '0.00' });
  });

  test('cannot be told without the rate of a tax', () => {
    expect(() => documentTotals([{ quantity: '1', unitPrice: '1', taxes: ['other'] }], rates, 'halfUp')).toThrow(
      new RangeError('the rate of tax other is not known'),
    );
  });

  test('does not depend on the order of the lines, and its total is untaxed plus tax', () => {
    const line: fc.Arbitrary<DocumentLine> = fc.record({
      quantity: fc.nat(50).map(String),
      unitPrice: fc.nat(1_000_000).map((units) => `${String(Math.floor(units / 10_000))}.${String(units % 10_000).padStart(4, '0')}`),
      taxes: fc.constantFrom(['goods'], ['freight'], ['none'], []),
    });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const totals = documentTotals(lines, rates, 'halfEven');
        expect(documentTotals(lines.toReversed(), rates, 'halfEven')).toEqual(totals);
        expect(totals.total).toBe(sum([totals.untaxed, totals.tax]));
      }),
    );
  });
});
