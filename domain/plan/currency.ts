import type { ObjectPlan } from './mapping.ts';

/** Where the currency of a record's amounts stands: in a column of the source query, or it is always the same. */
export type CurrencyRule = NonNullable<ObjectPlan['currency']>;

/** The currency rule of an object: its own, or the mapping of the target field `currency`; null where neither says anything. */
export function currencyRuleOf({ currency, fields }: Pick<ObjectPlan, 'currency' | 'fields'>): CurrencyRule | null {
  if (currency !== undefined) return currency;
  const mapped = fields['currency'];
  if (mapped === undefined) return null;
  if ('value' in mapped) return typeof mapped.value === 'string' ? { value: mapped.value } : null;
  return 'from' in mapped ? { from: mapped.from } : null;
}

/** The name under which an amount is added up: amounts of two currencies are never one. */
export function moneyName(name: string, currency: string | null): string {
  return currency === null ? `${name} (no currency)` : `${name} ${currency}`;
}
