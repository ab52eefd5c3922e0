import { keyText } from '../domain/exceptions/key-text.ts';
import { listedFirst } from '../domain/listed.ts';
import type { Completeness, CompletenessLine } from '../domain/waves/completeness.ts';
import { badge, html, table, type Html } from './html.ts';

/** The amounts an equation speaks of, by name. */
export function moneyNames({ lines }: Completeness): readonly string[] {
  return [...new Set(lines.flatMap(({ money }) => Object.keys(money)))].sort();
}

/** Lines worth showing: source and unexplained always, the others where they are not nothing. */
export function shownLines({ lines }: Completeness): readonly CompletenessLine[] {
  return lines.filter(
    ({ label, count, money }) =>
      label === 'source' || label === 'unexplained' || (count ?? 0) !== 0 || Object.values(money).some((amount) => !isNothing(amount)),
  );
}

function isNothing(amount: string): boolean {
  return /^-?0*(\.0*)?$/.test(amount);
}

/** One line of an equation as text: `created 21, net 25937.42`; amounts of nothing are left out, except of the source. */
export function lineText({ label, count, money, keys = [] }: CompletenessLine): string {
  const amounts = Object.entries(money).filter(([, amount]) => label === 'source' || !isNothing(amount));
  return [
    count === null ? label : `${label} ${String(count)}${named(keys, count)}`,
    ...amounts.map(([name, amount]) => `${name} ${amount}`),
  ].join(', ');
}

/** The records that a line names, and how many there are beyond them. */
function named(keys: readonly string[], count: number | null): string {
  return keys.length === 0 ? '' : ` (${listedFirst(keys.map(keyText), count ?? 0)})`;
}

/** An equation on one line of text: the source first, then what explains it. */
export function equationText(equation: Completeness): string {
  const [source, ...rest] = shownLines(equation).map(lineText);
  return `${equation.object}: ${source ?? ''} = ${rest.join(' + ')}`;
}

/** What an equation says: one that need not add up yet (nothing limits it where it stands) is no fault. */
export function equationVerdict({ balanced }: Completeness, mustBalance: boolean): 'adds up' | 'does not add up' | 'not complete yet' {
  if (balanced) return 'adds up';
  return mustBalance ? 'does not add up' : 'not complete yet';
}

const tones = { 'adds up': 'good', 'does not add up': 'bad', 'not complete yet': 'open' } as const;

/** The equation of one object as a table, in count and in every amount. */
export function equationTable(equation: Completeness, mustBalance: boolean): Html {
  const names = moneyNames(equation);
  const rows = shownLines(equation).map(({ label, count, money, keys = [] }) => [
    `${label}${named(keys, count)}`,
    count,
    ...names.map((name) => money[name] ?? '0'),
  ]);
  const verdict = equationVerdict(equation, mustBalance);
  return html`<h4>${equation.object} ${badge(verdict, tones[verdict])}</h4>
    <div class="equation">${table(['', 'records', ...names], rows, 'Nothing was counted.')}</div>`;
}
