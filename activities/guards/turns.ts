import type { WaveRow } from '../../ledger/waves.ts';

/** Waves that have switched are looked at for at least so long in one look (ms): as long as that is enough they all have their turn in each. */
const turnMs = 30_000;

/**
 * The turns of waves that have switched. A look takes as many of them as it has time for, one at least, and the next look goes on behind them. Kept
 * in memory: a worker that starts begins with the first.
 */
export class SwitchedTurns {
  /** The wave of each run that had its turn last. */
  readonly #last = new Map<string, string>();

  /** The waves whose turn it is, one by one, until the time of this look is over: `guardEvery` (ms), or longer. */
  *ofLook(run: string, waves: readonly WaveRow[], guardEvery: number): Generator<WaveRow> {
    const switched = waves.filter(({ state }) => state === 'switched');
    const next = switched.findIndex(({ name }) => name === this.#last.get(run)) + 1;
    const until = performance.now() + Math.max(turnMs, guardEvery);
    for (const wave of [...switched.slice(next), ...switched.slice(0, next)]) {
      yield wave;
      this.#last.set(run, wave.name);
      if (performance.now() >= until) return;
    }
  }
}
