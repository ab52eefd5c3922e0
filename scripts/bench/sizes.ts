/** Sizes of a workload. */
export interface Sizes {
  readonly records: number;
  readonly batch: number;
  /** Calls in flight at most. */
  readonly concurrency: number;
  /** Milliseconds the target takes for an answer. */
  readonly answerMs: number;
  /** Calls that the target takes in any `perMs`, and the plan declares; null where it takes all. */
  readonly quota: Quota | null;
}

export interface Quota {
  readonly calls: number;
  readonly perMs: number;
}
