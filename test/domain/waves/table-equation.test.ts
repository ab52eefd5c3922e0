import { describe, expect, test } from 'vitest';
import { unexplainedTexts } from '../../../domain/waves/completeness.ts';
import { tableEquation, type CountedPart, type CountedRows } from '../../../domain/waves/table-equation.ts';

const rows = (currency: string | null, count: number, net: string, missing: Partial<CountedRows['missing']> = {}): CountedRows => ({
  currency,
  rows: count,
  money: { net },
  missing: { rows: 0, keys: [], money: { net: '0' }, ...missing },
});
const open: CountedPart = {
  label: 'open, move',
  counted: [rows('EUR', 3, '300.00'), rows('USD', 1, '70.00')],
  yielded: { money: { 'net EUR': '300.00', 'net USD': '70.00', 'tax EUR': '30.00' }, lines: null },
};

describe('the equation of a table', () => {
  test('begins at its own rows and money, by status and currency', () => {
    const shipped = {
      label: 'shipped, archive',
      counted: [rows('EUR', 5, '9.50')],
      yielded: { money: { 'net EUR': '9.50' }, lines: null },
    };
    expect(tableEquation('orders', [open, shipped])).toMatchObject({
      object: 'table orders',
      balanced: true,
      lines: [
        { label: 'source', count: 9, money: { 'net EUR': '309.50', 'net USD': '70.00' } },
        { label: 'open, move', count: 4, money: { 'net EUR': '300.00', 'net USD': '70.00' } },
        { label: 'shipped, archive', count: 5, money: { 'net EUR': '9.50' } },
        { label: 'unexplained', count: 0 },
      ],
    });
  });

  test('leaves what a query drops unexplained, by its key, and counts what it does not name', () => {
    const keys = Array.from({ length: 20 }, (_, index) => `K${String(index).padStart(2, '0')}`);
    const dropped = { ...open, counted: [rows('EUR', 30, '300.00', { rows: 25, keys }), rows('USD', 1, '70.00')] };
    const equation = tableEquation('orders', [dropped]);
    expect(equation).toMatchObject({ balanced: false, unexplainedCount: 25, keys, moreKeys: 5 });
    expect(unexplainedTexts(equation)).toEqual([`table orders: 25 records (${keys.join(', ')} and 5 more)`]);
  });

  test('shows a cent that a query loses, in its currency', () => {
    const lost = { ...open, yielded: { money: { 'net EUR': '299.99', 'net USD': '70.00' }, lines: null } };
    expect(unexplainedTexts(tableEquation('orders', [lost]))).toEqual(['table orders net EUR: 0.01']);
  });

  test('never explains one currency by another', () => {
    const mixed = { ...open, yielded: { money: { 'net EUR': '370.00' }, lines: null } };
    expect(unexplainedTexts(tableEquation('orders', [mixed]))).toEqual(['table orders net EUR: -70.00', 'table orders net USD: 70.00']);
  });

  test('counts entries of a list against the rows, both ways', () => {
    const lines = (count: number) =>
      tableEquation('order_details', [
        { ...open, label: 'move', yielded: { money: { 'net EUR': '300.00', 'net USD': '70.00' }, lines: count } },
      ]);
    expect(lines(4).balanced).toBe(true);
    expect(lines(3)).toMatchObject({ unexplainedCount: 1, keys: [], moreKeys: 0 });
    expect(lines(5)).toMatchObject({ unexplainedCount: -1, balanced: false });
  });

  test('shows what a rule leaves under its name, and not what the rule does not speak of', () => {
    const counted = [rows(null, 10, '50.00', { rows: 2, keys: ['7', '9'], money: { net: '5.00' } }), rows(null, 1, '1.00', { money: {} })];
    const equation = tableEquation('stock', [{ label: 'balance (on hand): counted', counted, yielded: null }]);
    expect(equation.lines[1]).toEqual({ label: 'balance (on hand): counted', count: 9, money: { 'net (no currency)': '46.00' } });
    expect(unexplainedTexts(equation)).toEqual(['table stock: 2 records (7, 9)', 'table stock net (no currency): 5.00']);
  });

  test('of an empty table adds up', () => {
    expect(tableEquation('notes', [{ label: 'drop: old', counted: [], yielded: null }])).toMatchObject({ balanced: true, moreKeys: 0 });
    expect(unexplainedTexts(tableEquation('notes', []))).toEqual([]);
  });
});
