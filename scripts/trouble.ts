import { closed } from './sentences.ts';

/** An activity that fails again and again, as Temporal keeps it: known there even where the ledger is what fails. */
export interface Trouble {
  readonly workflow: string;
  readonly activity: string;
  readonly attempt: number;
  /** Instant it was first scheduled, ISO 8601 in UTC. */
  readonly since: string;
  readonly message: string;
}

/** One line for each, in words. */
export function troubleLines(troubles: readonly Trouble[]): readonly string[] {
  return troubles.map(
    ({ workflow, activity, attempt, message }) =>
      `Failing: ${activity} of ${workflow}, now tried for the ${String(attempt)}. time: ${closed(message)} It is tried again by itself; mend the cause.`,
  );
}
