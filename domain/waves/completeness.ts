import { compare, subtract, sum } from '../money/decimal.ts';

/** How many records, and how much money by name (decimal texts); a name that is absent counts as nothing. */
export interface Tally {
  readonly count: number;
  readonly money: Readonly<Record<string, string>>;
}

/** All that became of the source records of one object. */
export interface CompletenessInput {
  readonly object: string;
  readonly source: Tally;
  readonly created: Tally;
  readonly matched: Tally;
  readonly archived: Tally;
  /** Left in the source by a rule of the plan, with the keys of the records. */
  readonly left: Tally & { readonly keys?: readonly string[] };
  readonly exceptions: Tally;
  /** Source minus target money that comes from the two systems' declared rounding rules alone, by name. */
  readonly rounding: Readonly<Record<string, string>>;
  /** Keys of the records that nothing explains, or whose own amounts do not add up. */
  readonly keys?: readonly string[] | undefined;
}

/** How many unexplained records an equation names; the others it counts. */
export const keysNamed = 20;

const shares = ['created', 'matched', 'archived', 'left', 'exceptions'] as const;

/** One line of the equation as it is shown: `source` first, `unexplained` last, between them what explains it; rounding has no count. */
export interface CompletenessLine {
  readonly label: string;
  readonly count: number | null;
  readonly money: Readonly<Record<string, string>>;
  /** Keys of the first records it counts, where it names them. */
  readonly keys?: readonly string[];
}

/** The equation worked out. `balanced` is true only when nothing is unexplained, neither in count nor in any amount. */
export interface Completeness {
  readonly object: string;
  readonly unexplainedCount: number;
  readonly unexplainedMoney: Readonly<Record<string, string>>;
  readonly balanced: boolean;
  /** Keys of the first unexplained records, and how many there are beyond them. */
  readonly keys: readonly string[];
  readonly moreKeys: number;
  readonly lines: readonly CompletenessLine[];
}

/**
 * source = the parts together, in count and in every amount. There is no tolerance: a record or a cent that no part explains shows as unexplained.
 * Throws RangeError when an amount is not a decimal text.
 */
export function balance(object: string, source: Tally, parts: readonly CompletenessLine[], unexplained: Iterable<string>): Completeness {
  const names = new Set([source, ...parts].flatMap((part) => Object.keys(part.money)));
  const unexplainedMoney: Record<string, string> = {};
  for (const name of [...names].sort())
    unexplainedMoney[name] = subtract(source.money[name] ?? '0', sum(parts.map((part) => part.money[name] ?? '0')));
  const unexplainedCount = source.count - parts.reduce((total, part) => total + (part.count ?? 0), 0);
  const lines: readonly CompletenessLine[] = [
    { label: 'source', ...source },
    ...parts,
    { label: 'unexplained', count: unexplainedCount, money: unexplainedMoney },
  ];
  const keys = [...new Set(unexplained)].sort();
  return {
    object,
    unexplainedCount,
    unexplainedMoney,
    balanced: unexplainedCount === 0 && Object.values(unexplainedMoney).every((amount) => compare(amount, '0') === 0),
    keys: keys.slice(0, keysNamed),
    moreKeys: Math.max(0, keys.length - keysNamed),
    lines,
  };
}

/** The equation of one object: source = created + matched + archived + left + exceptions, and in money also the declared rounding. */
export function completeness(input: CompletenessInput): Completeness {
  const { keys: left = [], ...tally } = input.left;
  const named = left.length === 0 ? {} : { keys: left.toSorted().slice(0, keysNamed) };
  const parts = shares.map((label) => ({ label, ...(label === 'left' ? { ...tally, ...named } : input[label]) }));
  return balance(input.object, input.source, [...parts, { label: 'rounding', count: null, money: input.rounding }], input.keys ?? []);
}

/** What an equation leaves open, in words: how many records and which, and every amount; empty where it adds up. */
export function unexplainedTexts({ object, unexplainedCount, unexplainedMoney, keys, moreKeys }: Completeness): readonly string[] {
  const amounts = Object.entries(unexplainedMoney).filter(([, amount]) => compare(amount, '0') !== 0);
  if (unexplainedCount === 0 && amounts.length === 0) return [];
  const named = keys.length === 0 ? '' : ` (${keys.join(', ')}${moreKeys > 0 ? ` and ${String(moreKeys)} more` : ''})`;
  const counted = unexplainedCount === 0 ? [] : [`${object}: ${String(unexplainedCount)} records${named}`];
  return [
    ...counted,
    ...amounts.map(([name, amount], index) => `${object} ${name}: ${amount}${counted.length + index === 0 ? named : ''}`),
  ];
}
