import type { Quota } from '../sizes.ts';
import type { Counted } from './target.ts';

/** Counts the calls of the API, and refuses those over its quota: a call that was taken counts for `perMs` from then on. */
export class CallCount {
  readonly #quota: Quota | null;
  /** When the calls that still count were taken, in order. */
  #taken: number[] = [];
  #calls = 0;
  #refused = 0;
  #first: number | null = null;
  #last = 0;

  constructor(quota: Quota | null) {
    this.#quota = quota;
  }

  /** Takes a call at this instant (ms); returns 0, or the ms until one is taken again. */
  enter(at: number): number {
    this.#calls += 1;
    this.#first ??= at;
    this.#last = at;
    if (this.#quota === null) return 0;
    const { calls, perMs } = this.#quota;
    this.#taken = this.#taken.filter((taken) => at - taken < perMs);
    const oldest = this.#taken[0];
    if (this.#taken.length < calls || oldest === undefined) {
      this.#taken.push(at);
      return 0;
    }
    this.#refused += 1;
    return Math.max(1, oldest + perMs - at);
  }

  counted(): Counted {
    return { calls: this.#calls, refused: this.#refused, spanMs: this.#last - (this.#first ?? this.#last) };
  }

  clear(): void {
    // Calls that were taken before count on: a system does not forget them either.
    this.#calls = 0;
    this.#refused = 0;
    this.#first = null;
  }
}
