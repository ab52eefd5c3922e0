import type { Fields } from '../contracts/fields.ts';
import { add, lineAmount, multiply, roundDecimal, subtract, sum, type Rounding } from '../domain/money/decimal.ts';
import type { MoneyRule } from '../domain/plan/mapping.ts';
import { decimalOf, isFields, textOf } from './value.ts';

/** Decimals of an amount of money. */
const cents = 2;

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

/** A rounded line amount with its rate, `1` where the rule has none. */
interface Part {
  readonly amount: string;
  readonly rate: string;
}

/** One line, or the record itself for a rule over a column; null where a value that is needed is absent. */
function partOf(rule: MoneyRule, line: Fields, source: Fields, rounding: Rounding): Part | null {
  const price = decimalIn(line, 'lines' in rule ? rule.price : rule.column);
  const quantity = 'lines' in rule ? decimalIn(line, rule.quantity) : '1';
  const discount = 'lines' in rule && rule.discount !== undefined ? decimalIn(line, rule.discount) : '0';
  const rate = rule.rate === undefined ? '1' : decimalIn(rule.rate in line ? line : source, rule.rate);
  if (price === null || quantity === null || discount === null || rate === null) return null;
  return { amount: lineAmount({ price, quantity, discount }, cents, rounding), rate };
}

/**
 * An amount of a source record in cents (`"25937.44"`): each line rounded by this rule, a tax rounded once for each rate. A rate is
 * looked for in the line first, then in the record. Null, which is not zero, where a value that is needed is absent, such as the rate
 * of an order without a tax code; throws RangeError, naming the column, where the query does not yield it or not exactly.
 */
export function amountOf(rule: MoneyRule, source: Fields, rounding: Rounding): string | null {
  const lines = 'lines' in rule ? linesIn(source, rule) : [source];
  const parts = lines.map((line) => partOf(rule, line, source, rounding));
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length) return null;
  const amounts = [...Map.groupBy(known, ({ rate }) => rate)].map(([rate, group]) => {
    return roundDecimal(multiply(sum(group.map(({ amount }) => amount)), rate), cents, rounding);
  });
  return roundDecimal(sum(amounts), cents, rounding);
}

/** A line of a document as the target holds it; taxes by target id. */
export interface DocumentLine {
  readonly quantity: string;
  readonly unitPrice: string;
  readonly taxes: readonly string[];
}

export interface DocumentTotals {
  readonly untaxed: string;
  readonly tax: string;
  readonly total: string;
}

/**
 * Tax of lines that carry the same taxes: each tax on the unrounded amounts, rounded once. Where several taxes were rounded and the
 * rounding adds up to a cent, the cent is taken back, as `_round_taxes` of Tryton's `account` module does.
 */
function taxOf(lines: readonly DocumentLine[], rates: readonly string[], rounding: Rounding): string {
  const base = sum(lines.map((line) => multiply(line.unitPrice, line.quantity)));
  const exact = rates.map((rate) => multiply(base, rate));
  const rounded = sum(exact.map((amount) => roundDecimal(amount, cents, rounding)));
  if (rates.length < 2) return rounded;
  return subtract(rounded, roundDecimal(subtract(rounded, sum(exact)), cents, 'halfEven'));
}

function ratesOf(taxes: readonly string[], rates: Readonly<Record<string, string>>): readonly string[] {
  return taxes.map((id) => {
    const rate = rates[id];
    if (rate === undefined) throw new RangeError(`the rate of tax ${id} is not known`);
    return rate;
  });
}

/**
 * What the target's books will say of a document, worked out from the lines sent to it: each line rounded to cents, taxes rounded per
 * document (Tryton's default `tax_rounding`) over lines that carry the same taxes. `rates` holds each tax's rate by target id; throws
 * RangeError where one is not there.
 */
export function documentTotals(
  lines: readonly DocumentLine[],
  rates: Readonly<Record<string, string>>,
  rounding: Rounding,
): DocumentTotals {
  const untaxed = roundDecimal(
    sum(lines.map(({ unitPrice, quantity }) => lineAmount({ price: unitPrice, quantity }, cents, rounding))),
    cents,
    rounding,
  );
  const alike = Map.groupBy(lines, (line) => JSON.stringify([line.taxes, multiply(line.unitPrice, line.quantity).startsWith('-')]));
  const taxes = [...alike.values()].map((group) => taxOf(group, ratesOf(group[0]?.taxes ?? [], rates), rounding));
  const tax = roundDecimal(sum(taxes), cents, rounding);
  return { untaxed, tax, total: add(untaxed, tax) };
}
