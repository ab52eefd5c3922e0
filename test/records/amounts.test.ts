import { describe, expect, test } from 'vitest';
import { plainRounding, type RoundingRule } from '../../domain/money/rounding.ts';
import { currencyOf, roundingAmounts, sourceAmounts, sumAmounts, targetAmounts, type Priced } from '../../records/amounts.ts';

const halfUp = plainRounding('halfUp');
const tryton: RoundingRule = {
  lines: { mode: 'halfEven', digits: null, per: 'line' },
  taxes: { mode: 'halfEven', digits: null, per: 'rate', base: 'exact', creditsApart: true },
};
const lines = { lines: 'lines', price: 'price', quantity: 'quantity', discount: 'discount' };
const object: Priced = { money: { net: lines, tax: { ...lines, rate: 'rate' } }, fields: { currency: { from: 'currency' } } };
const order = (currency: string | null) => ({ currency, lines: [{ price: '1.21', quantity: '1', discount: '0.05', rate: '0.10' }] });

describe('the currency of a record', () => {
  test('is what its own rule says, or what the mapping writes into the field currency', () => {
    expect(currencyOf(object, order('EUR'))).toBe('EUR');
    expect(currencyOf({ ...object, currency: { from: 'coin' } }, { coin: 'GBP' })).toBe('GBP');
    expect(currencyOf({ ...object, currency: { value: 'USD' } }, {})).toBe('USD');
    expect(currencyOf({ ...object, fields: { currency: { value: 'CHF' } } }, {})).toBe('CHF');
    expect(currencyOf({ ...object, fields: {} }, {})).toBeNull();
    expect(currencyOf({ ...object, fields: { currency: { value: null } } }, {})).toBeNull();
    expect(currencyOf({ ...object, fields: { currency: { text: 'X' } } }, {})).toBeNull();
    expect(() => currencyOf(object, {})).toThrow('the source record has no column currency');
  });
});

test('amounts of two currencies are never added into one', () => {
  const all = [order('EUR'), order('USD'), order('EUR'), order(null)].map((source) => sourceAmounts(object, source, halfUp));
  expect(sumAmounts(all)).toEqual({
    'net EUR': '2.30',
    'tax EUR': '0.24',
    'net USD': '1.15',
    'tax USD': '0.12',
    'net (no currency)': '1.15',
    'tax (no currency)': '0.12',
  });
});

test('a yen has no cents, and an amount that is not known counts as nothing', () => {
  expect(sourceAmounts(object, order('JPY'), halfUp)).toEqual({ 'net JPY': '1', 'tax JPY': '0' });
  const unpriced = { currency: 'EUR', lines: [{ price: null, quantity: '1', discount: '0', rate: '0.1' }] };
  expect(sourceAmounts(object, unpriced, halfUp)).toEqual({ 'net EUR': '0', 'tax EUR': '0' });
});

describe('what the target says', () => {
  const target = { currency: 'EUR', tax: '0.11', lines: [{ amount: '1.15' }] };

  test('is in the currency in which the target holds it', () => {
    expect(targetAmounts(object, order('EUR'), target)).toEqual({ 'net EUR': '1.15', 'tax EUR': '0.11' });
    expect(targetAmounts(object, order('EUR'), { ...target, currency: 'USD' })).toEqual({ 'net USD': '1.15', 'tax USD': '0.11' });
    expect(targetAmounts({ ...object, currency: { value: 'EUR' } }, order(null), target)).toMatchObject({ 'net EUR': '1.15' });
    expect(targetAmounts({ ...object, currency: { from: 'coin' } }, { ...order(null), coin: 'GBP' }, target)).toMatchObject({
      'net GBP': '1.15',
    });
  });

  test('differs from the source by the declared rounding alone: 0.12 there, 0.11 here', () => {
    expect(roundingAmounts(object, order('EUR'), halfUp, tryton)).toEqual({ 'net EUR': '0.00', 'tax EUR': '0.01' });
  });
});

test('an object without money rules has no amounts, whatever its currency', () => {
  const plain: Priced = { money: {}, fields: object.fields };
  expect([sourceAmounts(plain, {}, halfUp), targetAmounts(plain, {}, {}), roundingAmounts(plain, {}, halfUp, tryton)]).toEqual([
    {},
    {},
    {},
  ]);
});
