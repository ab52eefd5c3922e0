import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { add } from '../../domain/money/decimal.ts';
import { plainRounding } from '../../domain/money/rounding.ts';
import { amountOf } from '../../records/money.ts';

const [halfUp, halfEven] = [plainRounding('halfUp'), plainRounding('halfEven')];
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
    expect(amountOf({ column: 'freight' }, { freight: '18.4400' }, halfUp, 'USD')).toBe('18.44');
    expect(amountOf({ column: 'count' }, { count: 3 }, halfUp, 'USD')).toBe('3.00');
  });

  test('adds up lines, each rounded by the rule of the system', () => {
    const source = {
      lines: [
        { price: '17.45', quantity: '14', discount: '0.05' },
        { price: '9.80', quantity: 10, discount: '0' },
      ],
    };
    expect(amountOf(net, source, halfUp, 'USD')).toBe('330.09');
    expect(amountOf(net, source, halfEven, 'USD')).toBe('330.08');
    expect(amountOf({ lines: 'lines', price: 'price', quantity: 'quantity' }, source, halfUp, 'USD')).toBe('342.30');
  });

  test('adds up only the lines that hold the values asked for', () => {
    const source = {
      lines: [
        { kind: 'goods', price: '2', quantity: '3' },
        { kind: 'freight', price: '5', quantity: '1' },
        { price: '7', quantity: '1' },
      ],
    };
    expect(amountOf({ lines: 'lines', where: { kind: 'goods' }, price: 'price', quantity: 'quantity' }, source, halfUp, 'USD')).toBe(
      '6.00',
    );
  });

  test('is the tax where a rate is named, rounded once for each rate', () => {
    const line = { price: '0.05', quantity: '1' };
    const rule = { lines: 'lines', price: 'price', quantity: 'quantity', rate: 'rate' };
    expect(amountOf(rule, { rate: '0.10', lines: [line, line, line] }, halfUp, 'USD')).toBe('0.02');
    expect(amountOf(rule, { rate: '0.10', lines: [line, { ...line, rate: '0.1000001' }] }, halfUp, 'USD')).toBe('0.02');
    expect(amountOf({ column: 'freight', rate: 'rate' }, { freight: '10', rate: '0.05' }, halfUp, 'USD')).toBe('0.50');
  });

  test('is nothing where there are no lines', () => {
    expect(amountOf(net, { lines: [] }, halfUp, 'USD')).toBe('0.00');
    expect(amountOf(net, { lines: null }, halfUp, 'USD')).toBe('0.00');
  });

  test('of a tax is that of the lines that have a rate, and nothing where none has one', () => {
    expect(amountOf({ column: 'freight', rate: 'rate' }, { freight: '1', rate: null }, halfUp, 'USD')).toBe('0.00');
    const line = { price: '100', quantity: '1', discount: '0' };
    const lines = [
      { ...line, rate: '0.19' },
      { ...line, rate: null },
    ];
    expect(amountOf({ ...net, rate: 'rate' }, { lines }, halfUp, 'EUR')).toBe('19.00');
  });

  test.each([
    [{ column: 'freight' }, { freight: null }],
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
    expect(amountOf(rule, source, halfUp, 'USD')).toBeNull();
  });

  test.each([
    [{ column: 'freight' }, {}, 'column freight is not an exact decimal number; let the query yield it as numeric or text'],
    [{ column: 'freight' }, { freight: 0.1 }, 'column freight is not an exact decimal number; let the query yield it as numeric or text'],
    [net, { lines: 'none' }, 'column lines is not a list of records'],
    [net, {}, 'column lines is not a list of records'],
    [net, { lines: ['x'] }, 'column lines is not a list of records'],
  ])('of %j in %j is refused by its column', (rule, source, message) => {
    expect(() => amountOf(rule, source, halfUp, 'USD')).toThrow(new RangeError(message));
  });
});

describe('the records of Northwind', () => {
  const details = northwind('order_details.csv');
  const linesOf = (rows: typeof details) => ({
    lines: rows.map(({ UnitPrice, Quantity, Discount }) => ({ price: UnitPrice!, quantity: Quantity!, discount: Discount! })),
  });

  test('add up to what their ledger says, half up per line', () => {
    expect(details).toHaveLength(2_155);
    expect(amountOf(net, linesOf(details), halfUp, 'USD')).toBe('1265793.29');
  });

  test.each([
    ['11074', '16'],
    ['11077', '64'],
  ])('differ by a cent in order %s, product %s, when rounded half even', (order, product) => {
    const line = linesOf(details.filter(({ OrderID, ProductID }) => OrderID === order && ProductID === product));
    expect(line.lines).toHaveLength(1);
    expect(add(amountOf(net, line, halfEven, 'USD')!, '0.01')).toBe(amountOf(net, line, halfUp, 'USD'));
  });
});
