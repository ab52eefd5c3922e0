/** A decimal number as an integer of units and the number of digits after the point: 12.50 is 1250 with scale 2. */
interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** How a half is rounded: away from zero, as PostgreSQL rounds `numeric`, or to the even neighbor, as IEEE 754 and Tryton do. */
export type Rounding = 'halfUp' | 'halfEven';

const shape = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

/** Whether a text is a plain decimal number: no exponent, no plus sign, no leading zero (a postal code `01067` is none). */
export function isDecimal(text: string): boolean {
  return shape.test(text);
}

/** Digits that an exponent may shift the point by; no system's numbers go further, and a longer text would only cost memory. */
const largestShift = 100;

/**
 * A decimal text as it is written plainly: `0E-8` is `0.00000000`, `1.5e2` is `150`. Null for what is no decimal number; a text that is plain
 * already stays as it is.
 */
export function plainDecimal(text: string): string | null {
  if (isDecimal(text)) return text;
  const [, mantissa = '', exponent = ''] = /^([^eE]+)[eE]([+-]?\d{1,3})$/.exec(text) ?? [];
  const shift = Number(exponent);
  if (!isDecimal(mantissa) || exponent === '' || Math.abs(shift) > largestShift) return null;
  const { units, scale } = parseDecimal(mantissa);
  const places = scale - shift;
  return places >= 0 ? formatDecimal({ units, scale: places }) : formatDecimal({ units: units * 10n ** BigInt(-places), scale: 0 });
}

/** Reads a decimal text exactly; throws RangeError when it is not one. The text itself is not repeated in the message. */
export function parseDecimal(text: string): Decimal {
  if (!isDecimal(text)) throw new RangeError('a decimal number is written as digits with at most one point, for example -12.50');
  const point = text.indexOf('.');
  if (point < 0) return { units: BigInt(text), scale: 0 };
  return { units: BigInt(text.slice(0, point) + text.slice(point + 1)), scale: text.length - point - 1 };
}

/** The text of a decimal, with all digits of its scale; a negative zero is written as zero. */
export function formatDecimal({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const sign = units < 0n ? '-' : '';
  return scale === 0 ? sign + whole : `${sign}${whole}.${digits.slice(digits.length - scale)}`;
}

/** The units of a decimal at a scale at least its own. */
function unitsAt(value: Decimal, scale: number): bigint {
  return value.units * 10n ** BigInt(scale - value.scale);
}

/** Exact sum; the result has the larger of the two scales. */
export function add(a: string, b: string): string {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  const scale = Math.max(left.scale, right.scale);
  return formatDecimal({ units: unitsAt(left, scale) + unitsAt(right, scale), scale });
}

/** Exact difference; the result has the larger of the two scales. */
export function subtract(a: string, b: string): string {
  const right = parseDecimal(b);
  return add(a, formatDecimal({ units: -right.units, scale: right.scale }));
}

/** Exact product; the result has the sum of the two scales. */
export function multiply(a: string, b: string): string {
  const [left, right] = [parseDecimal(a), parseDecimal(b)];
  return formatDecimal({ units: left.units * right.units, scale: left.scale + right.scale });
}

/** Order by value, whatever the scales: `1.50` and `1.5` compare as 0. */
export function compare(a: string, b: string): -1 | 0 | 1 {
  const difference = parseDecimal(subtract(a, b)).units;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** Exact sum of any number of decimals; `0` of none. */
export function sum(values: readonly string[]): string {
  return values.reduce(add, '0');
}

/** The value with exactly `digits` digits after the point. */
export function roundDecimal(text: string, digits: number, rounding: Rounding): string {
  const value = parseDecimal(text);
  if (value.scale <= digits) return formatDecimal({ units: unitsAt(value, digits), scale: digits });
  const divisor = 10n ** BigInt(value.scale - digits);
  const size = value.units < 0n ? -value.units : value.units;
  const quotient = size / divisor;
  const twice = (size % divisor) * 2n;
  const up = twice > divisor || (twice === divisor && (rounding === 'halfUp' || quotient % 2n === 1n));
  const rounded = up ? quotient + 1n : quotient;
  return formatDecimal({ units: value.units < 0n ? -rounded : rounded, scale: digits });
}

/** One line of a document: price and quantity, less a discount given as a fraction (`0.15` is 15 %). */
export interface PricedLine {
  readonly price: string;
  readonly quantity: string;
  readonly discount?: string | undefined;
}

/** Price x quantity x (1 - discount), computed exactly and rounded once. */
export function lineAmount(line: PricedLine, digits: number, rounding: Rounding): string {
  const share = subtract('1', line.discount ?? '0');
  return roundDecimal(multiply(multiply(line.price, line.quantity), share), digits, rounding);
}
