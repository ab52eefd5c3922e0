/** The clock of a sandbox, which may go before or after the machine's. */
export interface SandboxClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Sets how far it is ahead of the machine's clock (ms; negative: behind). */
  set(offsetMs: number): void;
}

export function createClock(): SandboxClock {
  let offsetMs = 0;
  return {
    now: () => Date.now() + offsetMs,
    set: (value) => {
      offsetMs = value;
    },
  };
}

/** The header by which an answer tells the clock, in whole seconds. */
export function dateHeader(clock: SandboxClock): Readonly<Record<string, string>> {
  return { date: new Date(clock.now()).toUTCString() };
}
