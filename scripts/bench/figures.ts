import type { Run } from './contestants/contestant.ts';
import { recordsOf, type Sizes } from './sizes.ts';
import type { Machine } from './measure/machine.ts';

/** What one contestant came to in one round, with the word of the oracle. */
export interface Figures extends Run {
  readonly contestant: string;
  /** Zero is the warm-up, in which the rows written are counted; it stands in no ratio. */
  readonly round: number;
  /** Records per second; zero where the target does not hold what it should. */
  readonly speed: number;
  /** What the target lacks or has too much; null where it is right. */
  readonly wrong: string | null;
  /** How busy the machine was before. */
  readonly load: number;
}

/** Everything a workload came to, as it is written to the JSON file. */
export interface Report {
  readonly workload: string;
  readonly at: string;
  readonly machine: Machine;
  readonly sizes: Sizes;
  readonly rounds: number;
  readonly figures: readonly Figures[];
  /** A round of the product with a CPU profile, where that was asked for. */
  readonly profile: Figures | null;
  /** Contestants that did not take part, with the reason. */
  readonly notRun: Readonly<Record<string, string>>;
  /** The line that ends the output. */
  readonly last: string;
}

/** The speed of a run: what the target does not hold right counts nothing. */
export function speedOf(sizes: Pick<Sizes, 'records' | 'trouble'>, seconds: number, wrong: string | null): number {
  return wrong === null && seconds > 0 ? recordsOf(sizes) / seconds : 0;
}
