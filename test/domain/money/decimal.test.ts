import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import {
  add,
  compare,
  formatDecimal,
  isDecimal,
  lineAmount,
  multiply,
  parseDecimal,
  plainDecimal,
  roundDecimal,
  subtract,
  sum,
} from '../../../domain/money/decimal.ts';

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 8 }))
  .map(([units, scale]) => formatDecimal({ units, scale }));

/** The value of a decimal text, counted in units of 10^-16. */
function units(text: string): bigint {
  const { units: own, scale } = parseDecimal(text);
  return own * 10n ** BigInt(16 - scale);
}

describe('decimal texts', () => {
  test.each(['0', '-0.00', '12', '12.50', '-12.5', '0.1'])('%s is a decimal', (text) => {
    expect(isDecimal(text)).toBe(true);
  });

  test.each(['', '.5', '5.', '+1', '1e3', '01067', '1,5', ' 1', 'NaN'])('"%s" is refused without being repeated', (text) => {
    expect(isDecimal(text)).toBe(false);
    expect(() => parseDecimal(text)).toThrow(
      new RangeError('a decimal number is written as digits with at most one point, for example -12.50'),
    );
  });

  test.each([
    ['0E-8', '0.00000000'],
    ['1.5e2', '150'],
    ['-12.5E-1', '-1.25'],
    ['1E+2', '100'],
    ['12.50', '12.50'],
  ])('%s is written plainly as %s', (text, plain) => {
    expect(plainDecimal(text)).toBe(plain);
  });

  test.each(['', 'E5', '1E', '1E5000', '1E101', '01E2', 'abc', '1e2e3'])('"%s" is no decimal, with an exponent either', (text) => {
    expect(plainDecimal(text)).toBeNull();
  });

  test('a text that was read is written the same, a negative zero aside', () => {
    fc.assert(fc.property(decimals, (text) => formatDecimal(parseDecimal(text)) === text));
    expect(formatDecimal(parseDecimal('-0.00'))).toBe('0.00');
  });
});

describe('exact arithmetic', () => {
  test('a tenth and two tenths are three tenths', () => {
    expect(add('0.1', '0.2')).toBe('0.3');
    expect(subtract('0.3', '0.10')).toBe('0.20');
    expect(multiply('-1.5', '0.25')).toBe('-0.375');
    expect(sum([])).toBe('0');
    expect(sum(['1', '2.50', '-0.25'])).toBe('3.25');
  });

  test('values compare by size, whatever their digits', () => {
    expect(compare('1.50', '1.5')).toBe(0);
    expect(compare('-2', '1')).toBe(-1);
    expect(compare('10', '9.99')).toBe(1);
  });

  test('sum, difference and product agree with integers', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(units(add(a, b))).toBe(units(a) + units(b));
        expect(units(subtract(a, b))).toBe(units(a) - units(b));
        expect(parseDecimal(multiply(a, b)).units).toBe(parseDecimal(a).units * parseDecimal(b).units);
      }),
    );
  });
});

describe('rounding', () => {
  test.each([
    ['232.085', 'halfUp', '232.09'],
    ['232.085', 'halfEven', '232.08'],
    ['232.075', 'halfEven', '232.08'],
    ['-0.125', 'halfUp', '-0.13'],
    ['-0.125', 'halfEven', '-0.12'],
    ['0.1251', 'halfEven', '0.13'],
    ['0.124', 'halfUp', '0.12'],
    ['-0.001', 'halfUp', '0.00'],
    ['7', 'halfUp', '7.00'],
  ] as const)('%s rounded %s is %s', (text, rounding, expected) => {
    expect(roundDecimal(text, 2, rounding)).toBe(expected);
  });

  test('a rounded value is at most half a unit away, and rounding it again changes nothing', () => {
    fc.assert(
      fc.property(
        decimals,
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom('halfUp' as const, 'halfEven' as const),
        (text, digits, rounding) => {
          const rounded = roundDecimal(text, digits, rounding);
          const distance = units(text) - units(rounded);
          expect((distance < 0n ? -distance : distance) * 2n <= 10n ** BigInt(16 - digits)).toBe(true);
          expect(roundDecimal(rounded, digits, rounding)).toBe(rounded);
        },
      ),
    );
  });
});

describe('the amount of a line', () => {
  test('is computed exactly and rounded once', () => {
    expect(lineAmount({ price: '17.45', quantity: '14', discount: '0.05' }, 2, 'halfUp')).toBe('232.09');
    expect(lineAmount({ price: '17.45', quantity: '14', discount: '0.05' }, 2, 'halfEven')).toBe('232.08');
  });

  test('needs no discount', () => {
    expect(lineAmount({ price: '9.80', quantity: '10' }, 2, 'halfUp')).toBe('98.00');
  });
});
