import { multiply, roundDecimal, sum, type Rounding } from './decimal.ts';

/**
 * How a system rounds the money of a document. `digits` null means as many as the currency has. Lines are rounded one by one, or once for the whole
 * document. Taxes are worked out on lines as they were rounded, or on what they were before, and are rounded for each line, once for all lines of
 * one rate, or once for the document; `creditsApart` keeps lines below zero in a group of their own.
 */
export interface RoundingRule {
  readonly lines: { readonly mode: Rounding; readonly digits: number | null; readonly per: 'line' | 'document' };
  readonly taxes: {
    readonly mode: Rounding;
    readonly digits: number | null;
    readonly per: 'line' | 'rate' | 'document';
    readonly base: 'rounded' | 'exact';
    readonly creditsApart: boolean;
  };
}

/** The rule that a bare `halfUp` or `halfEven` stands for: lines one by one, taxes on the rounded lines, once for each rate. */
export function plainRounding(mode: Rounding): RoundingRule {
  return {
    lines: { mode, digits: null, per: 'line' },
    taxes: { mode, digits: null, per: 'rate', base: 'rounded', creditsApart: false },
  };
}

/** Currencies of ISO 4217 whose smallest unit is not a hundredth. */
const minorUnits: Readonly<Record<number, readonly string[]>> = {
  0: ['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'],
  3: ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'],
  4: ['CLF', 'UYW'],
};

/** Digits after the point of an amount in this currency by ISO 4217; two where it is not known. */
export function digitsOf(currency: string | null): number {
  const found = Object.entries(minorUnits).find(([, names]) => currency !== null && names.includes(currency));
  return found === undefined ? 2 : Number(found[0]);
}

/** What lines (their exact amounts) come to by a rule. */
export function linesTotal(exact: readonly string[], { lines }: RoundingRule, currency: string | null): string {
  const digits = lines.digits ?? digitsOf(currency);
  const amounts = lines.per === 'line' ? exact.map((amount) => roundDecimal(amount, digits, lines.mode)) : exact;
  return roundDecimal(sum(amounts), digits, lines.mode);
}

/** A line's exact amount and the rate of its tax, as a fraction. */
export interface TaxedLine {
  readonly exact: string;
  readonly rate: string;
}

/** The tax on lines by a rule. */
export function taxTotal(taxed: readonly TaxedLine[], { lines, taxes }: RoundingRule, currency: string | null): string {
  const lineDigits = lines.digits ?? digitsOf(currency);
  const digits = taxes.digits ?? digitsOf(currency);
  const exact = taxed.map((line) => {
    const base = taxes.base === 'rounded' ? roundDecimal(line.exact, lineDigits, lines.mode) : line.exact;
    return { rate: line.rate, tax: multiply(base, line.rate), credit: base.startsWith('-') };
  });
  const groups = Map.groupBy(exact, ({ rate, credit }) => {
    const sign = taxes.creditsApart && credit ? '-' : '';
    return taxes.per === 'document' ? sign : sign + shortest(rate);
  });
  const parts = taxes.per === 'line' ? exact.map((line) => [line]) : [...groups.values()];
  return roundDecimal(sum(parts.map((group) => roundDecimal(sum(group.map(({ tax }) => tax)), digits, taxes.mode))), digits, taxes.mode);
}

/** One text for one number: `0.10` and `0.1` are the same rate. */
function shortest(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
