import { keyText } from '../exceptions/key-text.ts';
import { listedFirst } from '../listed.ts';
import { compare, subtract, sum } from '../money/decimal.ts';
import { noKeys, type Keys } from './keys.ts';

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
  readonly left: Tally & { readonly keys?: Keys };
  readonly exceptions: Tally;
  /** Source minus target money that comes from the two systems' declared rounding rules alone, by name. */
  readonly rounding: Readonly<Record<string, string>>;
  /** Keys of the records that nothing explains, or whose own amounts do not add up. */
  readonly keys?: Keys;
  /** Keys of those among them that the plan archives: the archive does not hold them as they stand. */
  readonly unarchived?: Keys;
}

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
  /** Records that the plan archives and that the archive does not hold as they stand, with the keys of the first; absent where there are none. */
  readonly unarchived?: { readonly count: number; readonly keys: readonly string[] };
}

/**
 * source = the parts together, in count and in every amount. There is no tolerance: a record or a cent that no part explains shows as unexplained.
 * Throws RangeError when an amount is not a decimal text.
 */
export function balance(object: string, source: Tally, parts: readonly CompletenessLine[], unexplained: Keys): Completeness {
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
  return {
    object,
    unexplainedCount,
    unexplainedMoney,
    balanced: unexplainedCount === 0 && Object.values(unexplainedMoney).every((amount) => compare(amount, '0') === 0),
    keys: unexplained.first,
    moreKeys: unexplained.count - unexplained.first.length,
    lines,
  };
}

/** The equation of one object: source = created + matched + archived + left + exceptions, and in money also the declared rounding. */
export function completeness(input: CompletenessInput): Completeness {
  const { keys: left = noKeys, ...tally } = input.left;
  const named = left.count === 0 ? {} : { keys: left.first };
  const parts = shares.map((label) => ({ label, ...(label === 'left' ? { ...tally, ...named } : input[label]) }));
  const lines = [...parts, { label: 'rounding', count: null, money: input.rounding }];
  const equation = balance(input.object, input.source, lines, input.keys ?? noKeys);
  const { count, first } = input.unarchived ?? noKeys;
  return count === 0 ? equation : { ...equation, unarchived: { count, keys: first } };
}

/** What the archive does not hold as it stands in the source, in one sentence for each object, with the remedy. */
export function unarchivedTexts(equations: readonly Completeness[]): readonly string[] {
  return equations.flatMap(({ object, unarchived }) =>
    unarchived === undefined
      ? []
      : [
          `${String(unarchived.count)} finished records of ${object} are not in the archive as they stand in legacy: ${listedFirst(unarchived.keys.map(keyText), unarchived.count)}. The next delta archives those of accounts that are still to switch; of an account that has switched put the record back as it was, or take its wave back, and its next attempt archives it.`,
        ],
  );
}

/** What an equation leaves open, in words: how many records and which, and every amount; empty where it adds up. */
export function unexplainedTexts({ object, unexplainedCount, unexplainedMoney, keys, moreKeys }: Completeness): readonly string[] {
  const amounts = Object.entries(unexplainedMoney).filter(([, amount]) => compare(amount, '0') !== 0);
  if (unexplainedCount === 0 && amounts.length === 0) return [];
  const named = keys.length === 0 ? '' : ` (${listedFirst(keys.map(keyText), keys.length + moreKeys)})`;
  const counted = unexplainedCount === 0 ? [] : [`${object}: ${String(unexplainedCount)} records${named}`];
  return [
    ...counted,
    ...amounts.map(([name, amount], index) => `${object} ${name}: ${amount}${counted.length + index === 0 ? named : ''}`),
  ];
}
