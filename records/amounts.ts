import type { Fields } from '../contracts/fields.ts';
import { add, subtract } from '../domain/money/decimal.ts';
import type { RoundingRule } from '../domain/money/rounding.ts';
import { currencyRuleOf, moneyName } from '../domain/plan/currency.ts';
import type { ObjectPlan } from '../domain/plan/mapping.ts';
import { targetAmount } from './lines.ts';
import { amountOf } from './money.ts';
import { textOf } from './value.ts';

/** Amounts by name and currency, such as `net EUR`. */
export type Amounts = Readonly<Record<string, string>>;

/** What of an object its amounts depend on. */
export type Priced = Pick<ObjectPlan, 'money' | 'currency' | 'fields'>;

/** The currency of a source record; null where it has none. Throws RangeError where the query does not yield the column. */
export function currencyOf(object: Priced, source: Fields): string | null {
  const rule = currencyRuleOf(object);
  if (rule === null || 'value' in rule) return rule?.value ?? null;
  const value = source[rule.from];
  if (value === undefined)
    throw new RangeError(`the source record has no column ${rule.from}, which says its currency; let the query yield it`);
  return textOf(value);
}

/** The currency in which the target holds a record, where the mapping writes it there; else the source's. */
function targetCurrency(object: Priced, source: Fields, target: Fields): string | null {
  const rule = currencyRuleOf(object);
  const own = currencyOf(object, source);
  if (rule === null || 'value' in rule) return textOf(target['currency'] ?? null) ?? own;
  const field = Object.entries(object.fields).find(
    ([, mapped]) => 'from' in mapped && !('ref' in mapped) && mapped.from === rule.from,
  )?.[0];
  return field === undefined ? own : (textOf(target[field] ?? null) ?? own);
}

function amounts(object: Priced, currency: string | null, amount: (rule: ObjectPlan['money'][string]) => string): Amounts {
  return Object.fromEntries(Object.entries(object.money).map(([name, rule]) => [moneyName(name, currency), amount(rule)]));
}

/** The amounts of a source record by the source's rounding; one that is not known counts as nothing. */
export function sourceAmounts(object: Priced, source: Fields, rounding: RoundingRule): Amounts {
  if (Object.keys(object.money).length === 0) return {};
  const currency = currencyOf(object, source);
  return amounts(object, currency, (rule) => amountOf(rule, source, rounding, currency) ?? '0');
}

/** What the target's own books say of them. */
export function targetAmounts(object: Priced, source: Fields, target: Fields): Amounts {
  if (Object.keys(object.money).length === 0) return {};
  return amounts(object, targetCurrency(object, source, target), (rule) => targetAmount(rule, source, target));
}

/** By how much the declared rounding rules of the two systems alone make them differ: source minus target. */
export function roundingAmounts(object: Priced, source: Fields, from: RoundingRule, to: RoundingRule): Amounts {
  if (Object.keys(object.money).length === 0) return {};
  const currency = currencyOf(object, source);
  return amounts(object, currency, (rule) =>
    subtract(amountOf(rule, source, from, currency) ?? '0', amountOf(rule, source, to, currency) ?? '0'),
  );
}

/** The sum of many records' amounts, each name by itself. */
export function sumAmounts(all: readonly Amounts[]): Amounts {
  const sums = new Map<string, string>();
  for (const one of all) for (const [name, amount] of Object.entries(one)) sums.set(name, add(sums.get(name) ?? '0', amount));
  return Object.fromEntries(sums);
}
