import type { Fields, FieldValue } from '../contracts/fields.ts';
import { add, sum } from '../domain/money/decimal.ts';
import type { RoundingRule } from '../domain/money/rounding.ts';
import type { MoneyRule, ObjectPlan } from '../domain/plan/mapping.ts';
import { amountOf, type DocumentTotals } from './money.ts';
import { decimalOf, isFields, textOf } from './value.ts';

type LinesRule = Extract<MoneyRule, { lines: string }>;

/** Positions of the entries of a list column that hold these values, in the order of the list. */
function positionsIn(source: Fields, list: string, where: Readonly<Record<string, string>> = {}): readonly number[] {
  const entries: FieldValue = source[list] ?? [];
  if (!Array.isArray(entries)) return [];
  const wanted = Object.entries(where);
  return entries.flatMap((line: FieldValue, index) =>
    isFields(line) && wanted.every(([column, value]) => textOf(line[column] ?? null) === value) ? [index] : [],
  );
}

/** How many entries of a list column hold these values. */
export function entryCount(
  source: Fields,
  { list, where }: { readonly list: string; readonly where?: Readonly<Record<string, string>> | undefined },
): number {
  return positionsIn(source, list, where).length;
}

/** The rule that counts the lines of an object's documents: the first money rule over a list. */
export function linesRuleOf(object: Pick<ObjectPlan, 'money'>): LinesRule | null {
  return Object.values(object.money).find((candidate) => 'lines' in candidate) ?? null;
}

/** How many lines a source record has, by the first money rule that counts lines; 0 for records without lines. */
export function lineCount(object: Pick<ObjectPlan, 'money'>, source: Fields): number {
  const rule = linesRuleOf(object);
  return rule === null ? 0 : entryCount(source, { list: rule.lines, where: rule.where });
}

/** The amount of a target line; nothing of a line that is not there. */
function amountAt(lines: FieldValue | undefined, index: number): string {
  const line: FieldValue | undefined = Array.isArray(lines) ? (lines as readonly FieldValue[])[index] : undefined;
  return line === undefined || !isFields(line) ? '0' : figureOf(line, 'amount');
}

/** The target's own figure in a field. Throws RangeError where it gives none: what a system does not say is not zero. */
function figureOf(target: Fields, field: string): string {
  const figure = decimalOf(target[field] ?? null);
  if (figure === null) throw new RangeError(`the target gives no amount in its field ${field}`);
  return figure;
}

/**
 * What the target's books say of one money rule of a source record: the amounts of the target lines that stand at the places of the lines
 * the rule counts (a document keeps the order of its lines), its tax for a rule with a rate, or the field the rule names. Throws RangeError where
 * the target gives no such figure.
 */
export function targetAmount(rule: MoneyRule, source: Fields, target: Fields): string {
  if (rule.rate !== undefined) return figureOf(target, 'tax');
  if (!('lines' in rule)) return figureOf(target, rule.target ?? rule.column);
  return sum(positionsIn(source, rule.lines, rule.where).map((index) => amountAt(target['lines'], index)));
}

/**
 * What a document in the target must say by the source's own figures, rounded by the target's whole rule: the lines of the rule that has a rate,
 * each discount folded in, taxed at that rate. Null for an object without such a rule.
 */
export function expectedTotals(
  object: Pick<ObjectPlan, 'money'>,
  source: Fields,
  to: RoundingRule,
  currency: string | null,
): DocumentTotals | null {
  const taxed = Object.values(object.money).find((candidate) => 'lines' in candidate && candidate.rate !== undefined);
  if (taxed === undefined || !('lines' in taxed)) return null;
  const { where, rate, ...lines } = taxed;
  const [untaxed, tax] = [amountOf(lines, source, to, currency), amountOf({ ...lines, where, rate }, source, to, currency)];
  return untaxed === null || tax === null ? null : { untaxed, tax, total: add(untaxed, tax) };
}
