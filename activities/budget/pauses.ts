import type { Ledger } from '../../ledger/ledger.ts';

/** What systems asked all their callers to wait, as this process has heard it; the ledger tells it to all others. */
export class Pauses {
  readonly #ledger: Ledger['pauses'];
  /** Until when no call may be sent, by instance (`performance.now()`). */
  readonly #until = new Map<string, number>();
  #listening: Promise<() => Promise<void>> | null = null;

  constructor(ledger: Ledger['pauses']) {
    this.#ledger = ledger;
  }

  /** Hears of what stands, and from then on of whatever is placed; may be tried again where it rejects. */
  async listen(): Promise<void> {
    this.#listening ??= this.#ledger.listen(({ instance, leftMs }) => {
      this.#hear(instance, leftMs);
    });
    await this.#listening.catch((error: unknown) => {
      this.#listening = null;
      throw error;
    });
  }

  /** How long no call to this instance may be sent from now on (ms); 0 at most where any may. */
  leftMs(instance: string): number {
    return (this.#until.get(instance) ?? 0) - performance.now();
  }

  /** No caller calls this instance before so many ms have passed. */
  async place(instance: string, leftMs: number): Promise<void> {
    this.#hear(instance, leftMs);
    // Where the ledger cannot be told, the next call that is refused tells it again.
    await this.#ledger.place({ instance, leftMs }).catch(() => undefined);
  }

  /** Listens no longer. */
  async dispose(): Promise<void> {
    const stop = await this.#listening?.catch(() => null);
    await stop?.();
  }

  #hear(instance: string, leftMs: number): void {
    this.#until.set(instance, Math.max(this.#until.get(instance) ?? 0, performance.now() + leftMs));
  }
}
