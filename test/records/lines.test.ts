import { describe, expect, test } from '@jest/globals';
import { expectedTotals, lineCount, roundingOf, targetAmount } from '../../records/lines.ts';

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
const sale = { tax: '25.13', lines: [{ amount: '232.08' }, { amount: '18.44' }, { amount: '10.00' }] };

test('lines are counted by the first rule that counts lines', () => {
  expect(lineCount({ money: { total: { column: 'total' }, net, freight } }, order)).toBe(2);
  expect(lineCount({ money: { total: { column: 'total' } } }, order)).toBe(0);
  expect(lineCount({ money: { net } }, { lines: null })).toBe(0);
});

describe('what the target holds for a rule', () => {
  test('is the amounts of the lines at the places of the lines it counts', () => {
    expect(targetAmount(net, order, sale)).toBe('242.08');
    expect(targetAmount(freight, order, sale)).toBe('18.44');
  });

  test('is its tax for a rule with a rate, and the column for a rule over a column', () => {
    expect(targetAmount(tax, order, sale)).toBe('25.13');
    expect(targetAmount({ column: 'total' }, { total: '5' }, sale)).toBe('5.00');
  });

  test('is nothing for lines that are not there', () => {
    expect(targetAmount(net, order, { lines: [{ amount: '232.08' }] })).toBe('232.08');
    expect(targetAmount(net, order, {})).toBe('0');
  });
});

test('rounding is the difference that the two declared rules alone make', () => {
  expect(roundingOf(net, order, 'halfUp', 'halfEven')).toBe('0.01');
  expect(roundingOf(freight, order, 'halfUp', 'halfEven')).toBe('0.00');
});

test('a document must say what the source says by the rounding of the target', () => {
  expect(expectedTotals({ money: { net, freight, tax } }, order, 'halfEven')).toEqual({ untaxed: '260.52', tax: '25.13', total: '285.65' });
});
