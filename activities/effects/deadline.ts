/** The call was never sent: its deadline passed before the socket write. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/**
 * The deadline of one call, marked before its intent transaction begins. Elapsed time is the larger of the monotonic and the wall clock,
 * so that neither a suspended machine nor a clock set back makes a stale call look young.
 */
export class Deadline {
  readonly #timeoutMs: number;
  readonly #monotonicMs = performance.now();
  readonly #wallMs = Date.now();
  readonly signal: AbortSignal;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.signal = AbortSignal.timeout(timeoutMs);
  }

  /** Throws DeadlinePassed where the time is up; called right before each socket write. */
  check(): void {
    const elapsedMs = Math.max(performance.now() - this.#monotonicMs, Date.now() - this.#wallMs);
    if (elapsedMs >= this.#timeoutMs)
      throw new DeadlinePassed(`the deadline of ${String(this.#timeoutMs)} ms passed before the call was sent; nothing was sent`);
  }
}
