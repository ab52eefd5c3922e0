import { expect, test } from 'vitest';
import { currencyRuleOf, moneyName } from '../../../domain/plan/currency.ts';

test('the currency of amounts is the rule of the object, else the mapping of the field currency, else unknown', () => {
  const mapped = { from: 'coin' } as const;
  expect(currencyRuleOf({ currency: { value: 'EUR' }, fields: { currency: mapped } })).toEqual({ value: 'EUR' });
  expect(currencyRuleOf({ currency: undefined, fields: { currency: mapped } })).toEqual({ from: 'coin' });
  expect(currencyRuleOf({ currency: undefined, fields: { currency: { value: 'CHF' } } })).toEqual({ value: 'CHF' });
  expect(currencyRuleOf({ currency: undefined, fields: {} })).toBeNull();
});

test('a currency that is no text, or is made of other values, is unknown', () => {
  expect(currencyRuleOf({ currency: undefined, fields: { currency: { value: null } } })).toBeNull();
  expect(currencyRuleOf({ currency: undefined, fields: { currency: { text: 'USD' } } })).toBeNull();
});

test('amounts of two currencies, or of none, are added up under names of their own', () => {
  expect([moneyName('net', 'USD'), moneyName('net', null)]).toEqual(['net USD', 'net (no currency)']);
});
