/** Exact decimal arithmetic on decimal strings, rounded half to even, as Tryton's currencies round. */
interface Exact {
  readonly units: bigint;
  /** Digits after the point. */
  readonly scale: number;
}

function parse(text: string): Exact {
  const [whole = '0', fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), scale: fraction.length };
}

/** The product of decimals, unrounded. */
export function times(...factors: readonly string[]): string {
  const product = factors.map(parse).reduce((left, right) => ({ units: left.units * right.units, scale: left.scale + right.scale }));
  return print(product);
}

/** The sum of decimals, unrounded. */
export function plus(...terms: readonly string[]): string {
  const parsed = terms.map(parse);
  const scale = Math.max(0, ...parsed.map((term) => term.scale));
  return print({ units: parsed.reduce((sum, term) => sum + term.units * 10n ** BigInt(scale - term.scale), 0n), scale });
}

/** Rounded to cents, a half to the even neighbor. */
export function cents(text: string): string {
  const { units, scale } = parse(text);
  if (scale <= 2) return print({ units: units * 10n ** BigInt(2 - scale), scale: 2 });
  const step = 10n ** BigInt(scale - 2);
  const magnitude = units < 0n ? -units : units;
  const rest = (magnitude % step) * 2n;
  const down = magnitude / step;
  const rounded = rest > step || (rest === step && down % 2n === 1n) ? down + 1n : down;
  return print({ units: units < 0n ? -rounded : rounded, scale: 2 });
}

/** Digits after the point that matter. */
export function fractionDigits(text: string): number {
  return (text.split('.')[1] ?? '').replace(/0+$/, '').length;
}

function print({ units, scale }: Exact): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
