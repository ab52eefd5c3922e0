import { commandLine, partsOfRun } from './command-line.ts';
import type { WorkflowLook } from './look.ts';
import { closed } from './sentences.ts';
import type { Trouble } from './trouble.ts';

/** The files a run is started from. */
export interface StartFiles {
  readonly plan: string;
  readonly env: string;
}

/** Starts a plan under the number after that of a run which no worker could open: a run id is used once, also for a run that the ledger never knew. */
export function startAfter(run: string, { plan, env }: StartFiles = { plan: 'plan.yaml', env: 'env.yaml' }): string {
  return commandLine('start', plan, '--env', env, '--attempt', String(partsOfRun(run).attempt + 1));
}

/** Ends the workflow of a run that no worker could open. */
export function terminateText(run: string): string {
  return `temporal workflow terminate --workflow-id ${run}`;
}

/** Where a run stands that the ledger does not know yet. */
export function unopened(
  run: string,
  { state, failure, answer }: WorkflowLook,
  trouble: readonly Trouble[],
): { readonly standing: 'running' | 'fault'; readonly headline: string; readonly next: string } {
  const mended =
    'A run keeps the plan and env it was started with: where one of them is wrong, start the mended ones under the next number';
  if (state !== 'RUNNING' && state !== 'PAUSED' && state !== 'CONTINUED_AS_NEW')
    return {
      standing: 'fault',
      headline: `The workflow ended as ${state}${failure === null ? '' : ` (${failure})`} before a worker could open the run in the ledger; nothing was changed. ${mended}.`,
      next: startAfter(run),
    };
  const own = trouble.find(({ workflow }) => workflow === run);
  if (own !== undefined)
    return {
      standing: 'fault',
      headline: `Started, but the worker that picked the run up cannot open it in the ledger: ${closed(own.message)} It is tried again by itself, and nothing was changed. ${mended}, and end this run: ${terminateText(run)}.`,
      next: startAfter(run),
    };
  const next = commandLine('status', run);
  if (answer !== null)
    return { standing: 'running', headline: 'Started; a worker opens the run in the ledger. Nobody is waited for.', next };
  return {
    standing: 'running',
    headline:
      'Started; no worker has picked the run up yet, and nobody else can act. If none does, nothing happens: start a worker on the task queue.',
    next,
  };
}
