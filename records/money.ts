import type { Fields } from '../contracts/fields.ts';
import { multiply, subtract } from '../domain/money/decimal.ts';
import { linesTotal, taxTotal, type RoundingRule } from '../domain/money/rounding.ts';
import type { MoneyRule } from '../domain/plan/mapping.ts';
import { decimalOf, isFields, textOf } from './value.ts';

/** The decimal in a column; null where it is known to be absent. Throws RangeError where the column is missing or not exact. */
function decimalIn(source: Fields, column: string): string | null {
  const value = source[column];
  if (value === null) return null;
  const text = value === undefined ? null : decimalOf(value);
  if (text === null) throw new RangeError(`column ${column} is not an exact decimal number; let the query yield it as numeric or text`);
  return text;
}

function linesIn(source: Fields, rule: Extract<MoneyRule, { lines: string }>): readonly Fields[] {
  const list = source[rule.lines];
  if (list === null) return [];
  if (!Array.isArray(list) || !list.every(isFields)) throw new RangeError(`column ${rule.lines} is not a list of records`);
  const wanted = Object.entries(rule.where ?? {});
  return list.filter((line) => wanted.every(([column, value]) => textOf(line[column] ?? null) === value));
}

/** An exact line amount with its rate, `1` where the rule has none. */
interface Part {
  readonly exact: string;
  readonly rate: string;
}

/** One line, or the record itself for a rule over a column; null where a value that is needed is absent. */
function partOf(rule: MoneyRule, line: Fields, source: Fields): Part | null {
  const price = decimalIn(line, 'lines' in rule ? rule.price : rule.column);
  const quantity = 'lines' in rule ? decimalIn(line, rule.quantity) : '1';
  const discount = 'lines' in rule && rule.discount !== undefined ? decimalIn(line, rule.discount) : '0';
  // A line without a rate is not taxed, in the target either; the others are.
  const rate = rule.rate === undefined ? '1' : (decimalIn(rule.rate in line ? line : source, rule.rate) ?? '0');
  if (price === null || quantity === null || discount === null) return null;
  return { exact: multiply(multiply(price, quantity), subtract('1', discount)), rate };
}

/**
 * An amount of a source record (`"25937.44"`) as a system with this rounding has it, in the digits of the currency. A rate is looked for in the
 * line first, then in the record; where there is none, nothing is added. Null, which is not zero, where another value that is needed is absent, such as the
 * price of a line; throws RangeError, naming the column, where the query does not yield it or not exactly.
 */
export function amountOf(rule: MoneyRule, source: Fields, rounding: RoundingRule, currency: string | null): string | null {
  const lines = 'lines' in rule ? linesIn(source, rule) : [source];
  const parts = lines.map((line) => partOf(rule, line, source));
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length) return null;
  if (rule.rate !== undefined) return taxTotal(known, rounding, currency);
  return linesTotal(
    known.map(({ exact }) => exact),
    rounding,
    currency,
  );
}

/** What a document says of itself. */
export interface DocumentTotals {
  readonly untaxed: string;
  readonly tax: string;
  readonly total: string;
}
