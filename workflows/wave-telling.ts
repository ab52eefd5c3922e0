import type { WaitingGate, WaveRef } from '../contracts/messages.ts';
import { quickly } from './activity-proxies.ts';
import type { Resumption } from './lanes.ts';
import { progressSignal, type Progress } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';
import { Turns } from './turns.ts';
import { condition } from './timers.ts';

/** Pauses of a wave that finds its run gone (ms). */
const [firstPauseMs, longestPauseMs] = [2_000, 300_000];

/** Somebody else has taken the wave over. */
export class Fenced extends Error {}

/** Tells the run what a wave does, one thing after another. */
export class WaveTelling {
  readonly #ref: WaveRef;
  readonly #resumption: Resumption;
  readonly #turns = new Turns();
  #told: Progress | null = null;

  constructor(ref: WaveRef, resumption: Resumption) {
    this.#ref = ref;
    this.#resumption = resumption;
  }

  /** Tells the run what this wave does; nothing is begun while nobody could stop it (P5). */
  async tell(step: string, waiting: WaitingGate | null): Promise<void> {
    const before = JSON.stringify(this.#told);
    this.#told = { wave: this.#ref.wave, step, waiting };
    // Nothing new to say, and nothing begins.
    if (waiting !== null && JSON.stringify(this.#told) === before) return;
    for (let pauseMs = firstPauseMs; !(await this.again()); pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      if ((await quickly.lookAtRun(this.#ref)) === 'ended') throw new Fenced('the run has ended');
      this.#resumption.resumed = false;
      await condition(() => this.#resumption.resumed, pauseMs, {
        summary: `the run's workflow has ended; take it up with: cutover recover ${this.#ref.run}`,
      });
    }
  }

  /** Whether the run has heard what it was told last; true where it was told nothing yet. */
  again(): Promise<boolean> {
    return this.#turns.take(async () => this.#told === null || signalIfThere(this.#ref.run, progressSignal, this.#told));
  }
}
