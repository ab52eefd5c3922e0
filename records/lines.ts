import type { Fields, FieldValue } from '../contracts/fields.ts';
import { multiply, subtract, sum } from '../domain/money/decimal.ts';
import type { MoneyRule, ObjectPlan } from '../domain/plan/mapping.ts';
import type { Rounding } from '../domain/money/decimal.ts';
import { amountOf, documentTotals, type DocumentTotals } from './money.ts';
import { decimalOf, isFields, textOf } from './value.ts';

type LinesRule = Extract<MoneyRule, { lines: string }>;

/** Positions of the lines that a money rule counts, in the order of the source list. */
function positions(rule: LinesRule, source: Fields): readonly number[] {
  const list: FieldValue = source[rule.lines] ?? [];
  if (!Array.isArray(list)) return [];
  const wanted = Object.entries(rule.where ?? {});
  return list.flatMap((line: FieldValue, index) =>
    isFields(line) && wanted.every(([column, value]) => textOf(line[column] ?? null) === value) ? [index] : [],
  );
}

/** How many lines a source record has, by the first money rule that counts lines; 0 for records without lines. */
export function lineCount(object: Pick<ObjectPlan, 'money'>, source: Fields): number {
  const rule = Object.values(object.money).find((candidate) => 'lines' in candidate);
  return rule !== undefined && 'lines' in rule ? positions(rule, source).length : 0;
}

/** A column of a target line as a decimal; `0` where it is none. */
function amountAt(lines: FieldValue | undefined, index: number): string {
  const line: FieldValue | undefined = Array.isArray(lines) ? (lines as readonly FieldValue[])[index] : undefined;
  return line !== undefined && isFields(line) ? (decimalOf(line['amount'] ?? null) ?? '0') : '0';
}

/**
 * What the target's books say of one money rule of a source record: the amounts of the target lines that stand at the places of the lines
 * the rule counts (a document keeps the order of its lines), or its tax for a rule with a rate.
 */
export function targetAmount(rule: MoneyRule, source: Fields, target: Fields): string {
  if (rule.rate !== undefined) return decimalOf(target['tax'] ?? null) ?? '0';
  if (!('lines' in rule)) return amountOf(rule, source, 'halfUp') ?? '0';
  return sum(positions(rule, source).map((index) => amountAt(target['lines'], index)));
}

/** Cents by which the two systems' declared rounding rules differ on one amount: source rule minus target rule. */
export function roundingOf(rule: MoneyRule, source: Fields, from: Rounding, to: Rounding): string {
  return subtract(amountOf(rule, source, from) ?? '0', amountOf(rule, source, to) ?? '0');
}

/**
 * What a document in the target must say by the source's own figures, rounded by the target's rule: each priced line of the rule that has a rate,
 * its discount folded in, taxed at that rate. Null for an object without such a rule.
 */
export function expectedTotals(object: Pick<ObjectPlan, 'money'>, source: Fields, to: Rounding): DocumentTotals | null {
  const rule = Object.values(object.money).find((candidate) => 'lines' in candidate && candidate.rate !== undefined);
  if (rule === undefined || !('lines' in rule) || rule.rate === undefined) return null;
  const { rate } = rule;
  const list = source[rule.lines] as readonly Fields[];
  const decimal = (line: Fields, column: string | undefined, absent: string): string =>
    column === undefined ? absent : (decimalOf(line[column] ?? null) ?? absent);
  const lines = positions(rule, source).map((index) => {
    const line = list[index] ?? {};
    const unitPrice = multiply(decimal(line, rule.price, '0'), subtract('1', decimal(line, rule.discount, '0')));
    return { quantity: decimal(line, rule.quantity, '0'), unitPrice, taxes: [decimal(line, rate, '0')] };
  });
  return documentTotals(lines, Object.fromEntries(lines.flatMap(({ taxes }) => taxes.map((tax) => [tax, tax]))), to);
}
