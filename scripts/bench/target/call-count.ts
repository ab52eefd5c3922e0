import type { Quota } from '../sizes.ts';
import type { Counted } from './target.ts';

/** Counts the calls of the API, and refuses those over its quota: a call that was taken counts for `perMs` from then on. */
export class CallCount {
  readonly #quota: Quota | null;
  /** When calls were taken and when others were refused (ms since the epoch), in order. */
  readonly #taken: number[] = [];
  readonly #refused: number[] = [];
  /** When calls began, and how many were open then, in order. */
  readonly #begun: { readonly at: number; readonly open: number }[] = [];
  #open = 0;

  constructor(quota: Quota | null) {
    this.#quota = quota;
  }

  /** Takes a call at this instant; returns 0, or the ms until one is taken again. */
  enter(at: number): number {
    // As many calls ago as the quota has: while that one counts, there is no room for another.
    const limiting = this.#quota === null ? undefined : this.#taken.at(-this.#quota.calls);
    const leftMs = this.#quota === null || limiting === undefined ? 0 : limiting + this.#quota.perMs - at;
    (leftMs > 0 ? this.#refused : this.#taken).push(at);
    return Math.max(0, leftMs);
  }

  /** A call is open from this instant until `ended`. */
  began(at: number): void {
    this.#open += 1;
    this.#begun.push({ at, open: this.#open });
  }

  ended(): void {
    this.#open -= 1;
  }

  /** What came between these instants, both included. */
  counted(from: number, to: number): Counted {
    const within = (instants: readonly number[]): number => instants.filter((at) => at >= from && at <= to).length;
    const open = this.#begun.filter(({ at }) => at >= from && at <= to).map((call) => call.open);
    const atOnce = open.reduce((most, count) => Math.max(most, count), 0);
    return { taken: within(this.#taken), refused: within(this.#refused), atOnce };
  }
}
