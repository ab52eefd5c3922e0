/** The requests that an organization counts against its limit. */
interface RequestCount {
  add(): void;
  /** Requests of the last so many ms; older ones are forgotten. */
  within(windowMs: number): number;
}

/** Counts by the machine's own clock: that of the organization may be set back. */
export function createRequestCount(): RequestCount {
  const instants: number[] = [];
  return {
    add: () => {
      instants.push(performance.now());
    },
    within: (windowMs) => {
      const since = performance.now() - windowMs;
      const first = instants.findIndex((at) => at > since);
      instants.splice(0, first === -1 ? instants.length : first);
      return instants.length;
    },
  };
}
