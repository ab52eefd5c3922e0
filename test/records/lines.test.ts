import { describe, expect, test } from 'vitest';
import { plainRounding, type RoundingRule } from '../../domain/money/rounding.ts';
import { entryCount, expectedTotals, lineCount, targetAmount } from '../../records/lines.ts';

const net = { lines: 'lines', where: { kind: 'goods' }, price: 'price', quantity: 'quantity', discount: 'discount' };
const freight = { lines: 'lines', where: { kind: 'freight' }, price: 'price', quantity: 'quantity' };
const tax = { lines: 'lines', price: 'price', quantity: 'quantity', discount: 'discount', rate: 'rate' };
const order = {
  lines: [
    { kind: 'goods', price: '17.45', quantity: '14', discount: '0.05', rate: '0.10' },
    { kind: 'freight', price: '18.44', quantity: '1', discount: '0', rate: '0.05' },
    { kind: 'goods', price: '10', quantity: '1', discount: '0', rate: '0.10' },
  ],
};
const sale = { tax: '25.13', total: '285.65', lines: [{ amount: '232.08' }, { amount: '18.44' }, { amount: '10.00' }] };
const tryton: RoundingRule = {
  lines: { mode: 'halfEven', digits: null, per: 'line' },
  taxes: { mode: 'halfEven', digits: null, per: 'rate', base: 'exact', creditsApart: true },
};

test('lines are counted by the first rule that counts lines', () => {
  expect(lineCount({ money: { total: { column: 'total' }, net, freight } }, order)).toBe(2);
  expect(lineCount({ money: { total: { column: 'total' } } }, order)).toBe(0);
  expect(lineCount({ money: { net } }, { lines: null })).toBe(0);
  expect(entryCount(order, { list: 'lines' })).toBe(3);
  expect(entryCount(order, { list: 'notes' })).toBe(0);
});

describe('what the target holds for a rule', () => {
  test('is the amounts of the lines at the places of the lines it counts', () => {
    expect(targetAmount(net, order, sale)).toBe('242.08');
    expect(targetAmount(freight, order, sale)).toBe('18.44');
  });

  test('is its own figure: its tax for a rule with a rate, the field named for a rule over a column', () => {
    expect(targetAmount(tax, order, sale)).toBe('25.13');
    expect(targetAmount({ column: 'amount', target: 'total' }, { amount: '5' }, sale)).toBe('285.65');
  });

  test('is nothing for lines that are not there', () => {
    expect(targetAmount(net, order, { lines: [{ amount: '232.08' }] })).toBe('232.08');
    expect(targetAmount(net, order, {})).toBe('0');
  });

  test('cannot be told where the target gives no figure, which is not zero', () => {
    expect(() => targetAmount({ column: 'amount', target: 'total' }, { amount: '5' }, {})).toThrow(
      new RangeError('the target gives no amount in its field total'),
    );
    expect(() => targetAmount(tax, order, { tax: null })).toThrow(RangeError);
    expect(() => targetAmount(net, order, { lines: [{}, {}, {}] })).toThrow(RangeError);
  });
});

test('a document must say what the source says by the rounding of the target', () => {
  expect(expectedTotals({ money: { net, freight, tax } }, order, tryton, 'USD')).toEqual({
    untaxed: '260.52',
    tax: '25.13',
    total: '285.65',
  });
  expect(expectedTotals({ money: { net } }, order, tryton, 'USD')).toBeNull();
});

test('lines without a rate have no tax in the document either, and lines without a price have no totals', () => {
  const line = { price: '2', quantity: '1', discount: '0', rate: null };
  expect(expectedTotals({ money: { tax } }, { lines: [line] }, tryton, 'USD')).toEqual({ untaxed: '2.00', tax: '0.00', total: '2.00' });
  expect(expectedTotals({ money: { tax } }, { lines: [{ ...line, price: null }] }, plainRounding('halfUp'), 'USD')).toBeNull();
});
