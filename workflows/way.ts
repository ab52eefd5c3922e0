import { CancellationScope, isCancellation } from '@temporalio/workflow';

/**
 * The work of a run that may be broken off at any wait: to turn round (a rollback of the whole run), or to be left (the run continues as new). What
 * is broken off goes on from the ledger.
 */
export class Way {
  #scope = new CancellationScope({ cancellable: true });
  #isLeft = false;

  /** Breaks off the present work; `next` is asked again what to do. */
  turn(): void {
    this.#scope.cancel();
  }

  /** Breaks off the present work for good. */
  leave(): void {
    this.#isLeft = true;
    this.#scope.cancel();
  }

  /** Does what `next` says, and asks it again after each turn. Returns what it came to, or null where the way was left. */
  async go<T>(next: () => Promise<T>): Promise<T | null> {
    for (;;) {
      const scope = (this.#scope = new CancellationScope({ cancellable: true }));
      try {
        return await scope.run(next);
      } catch (error) {
        if (!isCancellation(error) || !scope.consideredCancelled) throw error;
        if (this.#isLeft) return null;
      }
    }
  }
}
