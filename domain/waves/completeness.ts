import { add, compare, subtract, sum } from '../money/decimal.ts';

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
  /** Left in the source by a rule of the plan. */
  readonly left: Tally;
  readonly exceptions: Tally;
  /** Source minus target money that comes from the two systems' declared rounding rules alone, by name. */
  readonly rounding: Readonly<Record<string, string>>;
}

const shares = ['created', 'matched', 'archived', 'left', 'exceptions'] as const;

/** One line of the equation as it is shown; rounding has no count. */
export interface CompletenessLine {
  readonly label: 'source' | (typeof shares)[number] | 'rounding' | 'unexplained';
  readonly count: number | null;
  readonly money: Readonly<Record<string, string>>;
}

/** The equation worked out. `balanced` is true only when nothing is unexplained, neither in count nor in any amount. */
export interface Completeness {
  readonly object: string;
  readonly unexplainedCount: number;
  readonly unexplainedMoney: Readonly<Record<string, string>>;
  readonly balanced: boolean;
  readonly lines: readonly CompletenessLine[];
}

/**
 * source = created + matched + archived + left + exceptions, and in money also the declared rounding. There is no tolerance:
 * a record or a cent that no line explains shows as unexplained. Throws RangeError when an amount is not a decimal text.
 */
export function completeness(input: CompletenessInput): Completeness {
  const parts = shares.map((label) => ({ label, ...input[label] }));
  const names = new Set([input.source, { money: input.rounding }, ...parts].flatMap((part) => Object.keys(part.money)));
  const unexplainedMoney: Record<string, string> = {};
  for (const name of [...names].sort()) {
    const explained = add(sum(parts.map((part) => part.money[name] ?? '0')), input.rounding[name] ?? '0');
    unexplainedMoney[name] = subtract(input.source.money[name] ?? '0', explained);
  }
  const unexplainedCount = input.source.count - parts.reduce((total, part) => total + part.count, 0);
  const lines: readonly CompletenessLine[] = [
    { label: 'source', ...input.source },
    ...parts,
    { label: 'rounding', count: null, money: input.rounding },
    { label: 'unexplained', count: unexplainedCount, money: unexplainedMoney },
  ];
  const balanced = unexplainedCount === 0 && Object.values(unexplainedMoney).every((amount) => compare(amount, '0') === 0);
  return { object: input.object, unexplainedCount, unexplainedMoney, balanced, lines };
}
