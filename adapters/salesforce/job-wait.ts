import { setTimeout as pause } from 'node:timers/promises';
import { AdapterError, isTransient } from '../../contracts/failures.ts';
import { isOver } from './session-jobs.ts';
import type { Job } from './shapes.ts';

/** A job is looked at after so long (ms), each time twice as long up to the second: each look is a call of the organization's limit. */
const [firstLookMs, longestLookMs] = [250, 10_000];
/** So long (ms) may Salesforce give no answer about a job; then nobody can tell what became of it. */
const longestSilenceMs = 600_000;

/** Waits for the end of a job, its time in Salesforce's queue included; null where it does not come within `longestMs`. */
export async function endOf(look: () => Promise<Job>, longestMs: number): Promise<Job | null> {
  const began = performance.now();
  for (let waitMs = firstLookMs; ; waitMs = Math.min(2 * waitMs, longestLookMs)) {
    const job = await look();
    if (isOver(job)) return job;
    if (performance.now() - began > longestMs) return null;
    await pause(waitMs);
  }
}

/** Asks again where another time may help: what a job does, it does whether or not somebody looks. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const began = performance.now();
  for (let waitMs = firstLookMs; ; waitMs = Math.min(2 * waitMs, longestLookMs)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AdapterError) || !isTransient(error.kind) || performance.now() - began > longestSilenceMs) throw error;
      await pause(Math.max(waitMs, Math.min(error.retryAfterMs ?? 0, longestLookMs)));
    }
  }
}
