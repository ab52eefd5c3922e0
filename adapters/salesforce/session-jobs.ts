import { AdapterError } from '../../contracts/failures.ts';
import type { JobCalls } from './job-calls.ts';
import type { Job } from './shapes.ts';

/** The jobs of one session that may still act, and the handle by which another process ends them with its login. */
export class SessionJobs {
  readonly #accessToken: string;
  readonly #jobs = new Set<string>();

  constructor(accessToken: string) {
    this.#accessToken = accessToken;
  }

  get handle(): string {
    return [this.#accessToken, ...this.#jobs].join(' ');
  }

  add(job: string): void {
    this.#jobs.add(job);
  }

  /** It is over: nothing is left of it to end. */
  over(job: string): void {
    this.#jobs.delete(job);
  }
}

/** The login and the jobs that a handle names; neither tokens nor ids hold a blank. */
export function partsOfHandle(handle: string): { readonly accessToken: string; readonly jobs: readonly string[] } {
  const [accessToken = '', ...jobs] = handle.split(' ');
  return { accessToken, jobs };
}

/** Whether a job acts no more ("Job States"). */
export function isOver({ state }: Job): boolean {
  return state === 'JobComplete' || state === 'Failed' || state === 'Aborted';
}

/** Sees to it that a job acts no more, confirmed. What it has made stays; a chunk under way may still be saved within the time of a transaction. */
export async function endJob(jobs: JobCalls, id: string): Promise<void> {
  if (await hasEnded(jobs, id)) return;
  try {
    await jobs.abort(id);
  } catch (error) {
    // It may have come to its end meanwhile: then it cannot be aborted.
    if (!(error instanceof AdapterError) || !(await hasEnded(jobs, id))) throw error;
  }
}

async function hasEnded(jobs: JobCalls, id: string): Promise<boolean> {
  try {
    return isOver(await jobs.look(id));
  } catch (error) {
    if (error instanceof AdapterError && error.kind === 'notFound') return true;
    throw error;
  }
}
