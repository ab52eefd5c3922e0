import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { compare, formatDecimal, multiply, roundDecimal, subtract, sum } from '../../../domain/money/decimal.ts';
import { digitsOf, linesTotal, plainRounding, taxTotal, type RoundingRule, type TaxedLine } from '../../../domain/money/rounding.ts';

const legacy = plainRounding('halfUp');
/** Tryton: taxes on what the lines were before rounding, lines below zero apart. */
const tryton: RoundingRule = {
  lines: { mode: 'halfEven', digits: null, per: 'line' },
  taxes: { mode: 'halfEven', digits: null, per: 'rate', base: 'exact', creditsApart: true },
};
const withTaxes = (taxes: Partial<RoundingRule['taxes']>): RoundingRule => ({ ...legacy, taxes: { ...legacy.taxes, ...taxes } });

test('an amount has the digits of its currency, two where the currency is not known', () => {
  expect(['EUR', 'JPY', 'KWD', 'CLF', 'XYZ', null].map(digitsOf)).toEqual([2, 0, 3, 4, 2, 2]);
});

describe('lines', () => {
  test('are rounded one by one, or once for the document', () => {
    const exact = ['0.005', '0.005', '0.005'];
    expect(linesTotal(exact, legacy, 'EUR')).toBe('0.03');
    expect(linesTotal(exact, { ...legacy, lines: { ...legacy.lines, per: 'document' } }, 'EUR')).toBe('0.02');
    expect(linesTotal(['10.5'], legacy, 'JPY')).toBe('11');
    expect(linesTotal(['10.55'], { ...legacy, lines: { ...legacy.lines, digits: 1 } }, 'JPY')).toBe('10.6');
    expect(linesTotal([], legacy, null)).toBe('0.00');
  });
});

describe('taxes', () => {
  test('of one line 1.21 less 5 %, taxed 10 %, are 0.12 where the line is rounded first, and 0.11 where it is not', () => {
    const line = [{ exact: multiply('1.21', '0.95'), rate: '0.10' }];
    expect(taxTotal(line, legacy, 'EUR')).toBe('0.12');
    expect(taxTotal(line, tryton, 'EUR')).toBe('0.11');
  });

  test('are rounded for each line, for each rate, or for the document', () => {
    const lines = [
      { exact: '0.05', rate: '0.10' },
      { exact: '0.05', rate: '0.1' },
      { exact: '0.25', rate: '0.02' },
    ];
    expect(taxTotal(lines, withTaxes({ per: 'line' }), 'EUR')).toBe('0.03');
    expect(taxTotal(lines, withTaxes({ per: 'rate' }), 'EUR')).toBe('0.02');
    expect(taxTotal(lines, withTaxes({ per: 'document' }), 'EUR')).toBe('0.02');
    expect(taxTotal([lines[0]!, lines[2]!], withTaxes({ per: 'rate' }), 'EUR')).toBe('0.02');
    expect(taxTotal([lines[0]!, lines[2]!], withTaxes({ per: 'document' }), 'EUR')).toBe('0.01');
  });

  test('keep lines below zero apart where the system does', () => {
    const lines = [
      { exact: '0.05', rate: '0.10' },
      { exact: '-0.04', rate: '0.10' },
    ];
    expect(taxTotal(lines, withTaxes({}), 'EUR')).toBe('0.00');
    expect(taxTotal(lines, withTaxes({ creditsApart: true }), 'EUR')).toBe('0.01');
    expect(taxTotal(lines, withTaxes({ per: 'document', creditsApart: true }), 'EUR')).toBe('0.01');
  });

  test('have the digits that are declared, or those of the currency', () => {
    const line = [{ exact: '10.55', rate: '0.10' }];
    expect(taxTotal(line, withTaxes({ digits: 3 }), 'EUR')).toBe('1.055');
    expect(taxTotal(line, legacy, 'JPY')).toBe('1');
  });
});

describe('whatever the lines', () => {
  const decimal = (most: number, scale: number): fc.Arbitrary<string> =>
    fc.integer({ min: -most, max: most }).map((units) => formatDecimal({ units: BigInt(units), scale }));
  const line: fc.Arbitrary<TaxedLine> = fc.record({
    exact: decimal(10_000_000, 4),
    rate: fc.constantFrom('0', '0.05', '0.1', '0.10', '0.19'),
  });
  const modes = fc.constantFrom('halfUp' as const, 'halfEven' as const);
  const rule: fc.Arbitrary<RoundingRule> = fc.record({
    lines: fc.record({ mode: modes, digits: fc.constantFrom(null, 0, 3), per: fc.constantFrom('line' as const, 'document' as const) }),
    taxes: fc.record({
      mode: modes,
      digits: fc.constantFrom(null, 0, 3),
      per: fc.constantFrom('line' as const, 'rate' as const, 'document' as const),
      base: fc.constantFrom('rounded' as const, 'exact' as const),
      creditsApart: fc.boolean(),
    }),
  });

  test('their order changes nothing', () => {
    fc.assert(
      fc.property(fc.array(line), rule, (lines, how) => {
        expect(taxTotal(lines.toReversed(), how, 'EUR')).toBe(taxTotal(lines, how, 'EUR'));
        const exact = lines.map((one) => one.exact);
        expect(linesTotal(exact.toReversed(), how, 'EUR')).toBe(linesTotal(exact, how, 'EUR'));
      }),
    );
  });

  test('a tax is never further from the exact one than half a unit for each rounding', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), rule, (lines, how) => {
        const digits = how.taxes.digits ?? 2;
        const lineDigits = how.lines.digits ?? 2;
        const bases = lines.map(({ exact }) => (how.taxes.base === 'rounded' ? roundDecimal(exact, lineDigits, how.lines.mode) : exact));
        const exact = sum(lines.map(({ rate }, index) => multiply(bases[index]!, rate)));
        const off = subtract(taxTotal(lines, how, 'EUR'), exact).replace('-', '');
        const most = multiply(String(lines.length), formatDecimal({ units: 5n, scale: digits + 1 }));
        expect(compare(off, most)).not.toBe(1);
      }),
    );
  });

  test('the two systems differ by their rules alone: the same rule leaves no difference', () => {
    fc.assert(
      fc.property(fc.array(line), rule, (lines, how) => {
        expect(compare(subtract(taxTotal(lines, how, 'EUR'), taxTotal([...lines], { ...how }, 'EUR')), '0')).toBe(0);
      }),
    );
  });
});
