import { subtract, add } from '../money/decimal.ts';
import { moneyName } from '../plan/currency.ts';
import { balance, type Completeness, type Tally } from './completeness.ts';
import { keysOf } from './keys.ts';

/** Rows of a table in one currency, as the table itself counts them; `missing` are those that nothing explains. */
export interface CountedRows {
  readonly currency: string | null;
  readonly rows: number;
  readonly money: Readonly<Record<string, string>>;
  readonly missing: { readonly rows: number; readonly keys: readonly string[]; readonly money: Readonly<Record<string, string>> };
}

/** A part of a table (a status, or all of it): its own count, and what the plan's queries yield of it where they are what explains it. */
export interface CountedPart {
  readonly label: string;
  readonly counted: readonly CountedRows[];
  /** Records that queries yield, and their money; null where a rule or reason of the plan explains the rows. */
  readonly yielded: { readonly money: Readonly<Record<string, string>>; readonly lines: number | null } | null;
}

function added(
  amounts: readonly { readonly currency: string | null; readonly money: Readonly<Record<string, string>> }[],
): Readonly<Record<string, string>> {
  const sums = new Map<string, string>();
  for (const { currency, money } of amounts)
    for (const [name, amount] of Object.entries(money)) {
      const full = moneyName(name, currency);
      sums.set(full, add(sums.get(full) ?? '0', amount));
    }
  return Object.fromEntries(sums);
}

/** Amounts of the queries by the names that the table itself has; the table says nothing of the others. */
function alike(yielded: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(yielded).filter(([full]) => names.some((name) => full.startsWith(`${name} `))));
}

function explained({ counted, yielded }: CountedPart): Tally {
  const rows = counted.reduce((total, { rows: own, missing }) => total + own - missing.rows, 0);
  if (yielded === null) {
    const left = counted.map(({ currency, money, missing }) => ({
      currency,
      money: Object.fromEntries(Object.entries(money).map(([name, amount]) => [name, subtract(amount, missing.money[name] ?? '0')])),
    }));
    return { count: rows, money: added(left) };
  }
  const names = [...new Set(counted.flatMap(({ money }) => Object.keys(money)))];
  return { count: yielded.lines ?? rows, money: alike(yielded.money, names) };
}

/**
 * The equation of one table: the rows it has itself, and its own sums of money by currency, are what the plan's queries yield and what a rule or
 * reason of the plan leaves. A row that a query drops, and a cent that it loses, is unexplained.
 */
export function tableEquation(table: string, parts: readonly CountedPart[]): Completeness {
  const counted = parts.flatMap((part) => part.counted);
  const source = { count: counted.reduce((total, { rows }) => total + rows, 0), money: added(counted) };
  const equation = balance(
    `table ${table}`,
    source,
    parts.map((part) => ({ label: part.label, ...explained(part) })),
    keysOf(counted.flatMap(({ missing }) => missing.keys)),
  );
  const missing = counted.reduce((total, { missing: { rows } }) => total + rows, 0);
  return { ...equation, moreKeys: missing - equation.keys.length };
}
