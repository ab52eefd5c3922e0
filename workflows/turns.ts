import { CancellationScope } from '@temporalio/workflow';

/**
 * Does one thing after another, each to its end. Two signals to one workflow that are under way at the same time may arrive in either order: where
 * the later replaces the earlier, it is sent when that has arrived, and says what is true by then.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does this when all that asked before it have ended, well or not. It is not broken off: what is under way would arrive all the same. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = CancellationScope.nonCancellable(() => this.#last.then(work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
