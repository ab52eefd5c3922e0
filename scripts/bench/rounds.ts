/** The contestants of a round: forward in odd rounds, backward in even ones, so that a machine that slows down slows each of them alike. */
export function orderOf<T>(contestants: readonly T[], round: number): readonly T[] {
  return round % 2 === 1 ? contestants : contestants.toReversed();
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median, least and greatest of some figures; null where there are none. */
export function spreadOf(figures: readonly number[]): Spread | null {
  const sorted = figures.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return null;
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
  return { median, min, max };
}

/** One figure of one contestant in one round. */
export interface RoundFigure {
  readonly contestant: string;
  readonly round: number;
  readonly figure: number;
}

/** The ratios of a contestant to another, round by round: figures of different rounds are never compared. */
export function ratios(figures: readonly RoundFigure[], contestant: string, to: string): readonly number[] {
  return figures
    .filter((one) => one.contestant === contestant)
    .flatMap(({ round, figure }) => {
      const other = figures.find((one) => one.contestant === to && one.round === round);
      return other === undefined || other.figure === 0 ? [] : [figure / other.figure];
    });
}
