import type { Command } from 'commander';
import { ids, type RunRef } from '../../contracts/messages.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { RunRow } from '../../ledger/runs.ts';
import { CliError } from '../cli-error.ts';
import { commandLine, partsOfRun } from '../command-line.ts';
import { withTemporal } from '../connect.ts';
import { done } from '../exit-codes.ts';
import { launch, linkTo, uiAddress, type Documents } from '../launch.ts';
import { wholeNumber } from '../option-values.ts';
import type { CommandResult } from '../output.ts';
import { readPlan } from '../read-plan.ts';
import { jsonFlag, type JsonOption, type Runner } from '../runner.ts';
import { withLedger } from '../with-ledger.ts';
import { refused } from './plan-check.ts';

interface StartOptions extends JsonOption {
  readonly env: string;
  readonly attempt?: number;
}

/** `cutover start <plan.yaml> --env <env.yaml> [--attempt n]`. */
export function addStart(program: Command, run: Runner): void {
  program
    .command('start <plan.yaml>')
    .description('check a plan, store it and its env in the ledger, and start the run')
    .requiredOption('--env <env.yaml>', 'the environment to run it in')
    .option('--attempt <n>', 'number of this run of the plan (default: the next one)', wholeNumber)
    .option(...jsonFlag)
    .action((plan: string, options: StartOptions) => run(options, () => start(plan, options)));
}

/** Starts a run of a plan, or says why it cannot be. The ledger gets plan and env under their hashes, and nothing else. */
export async function start(planFile: string, options: StartOptions): Promise<CommandResult> {
  const { plan, env, problems } = await readPlan(planFile, options.env);
  if (plan === null || env === null) return refused(problems);
  const ui = uiAddress();
  return withLedger((ledger) =>
    withTemporal(async (temporal) => {
      const runs = await ledger.runs.ofPlan(plan.meaning.name);
      const attempt = options.attempt ?? Math.max(0, ...runs.map(({ id }) => partsOfRun(id).attempt)) + 1;
      const ref: RunRef = { run: ids.run(plan.meaning.name, attempt), planHash: plan.hash, envHash: env.hash };
      refuseBeside(runs, ref, attempt);
      await store(ledger, { plan, env });
      const runId = await launch(temporal, ref, { plan, env }, { plan: planFile, env: options.env });
      const link = ui === null ? null : linkTo(ui, temporal.namespace, ref.run, runId);
      const next = commandLine('status', ref.run);
      const lines = [`Started ${ref.run}.`, ...(link === null ? [] : [`Watch it at ${link}`]), `Next: ${next}`];
      return { lines, json: { ...ref, link, next }, exitCode: done };
    }),
  );
}

/** A run of the same plan that is still open, or that had this number, stands in the way; so does a plan changed under it. */
function refuseBeside(runs: readonly RunRow[], { run, planHash, envHash }: RunRef, attempt: number): void {
  const own = runs.find(({ id }) => id === run);
  const open = runs.find(({ state }) => state === 'open');
  if (open !== undefined && (open.planHash !== planHash || open.envHash !== envHash) && (own === undefined || own === open)) {
    const what = open.planHash === planHash ? 'env' : 'plan';
    throw new CliError(
      `Run ${open.id} is open, and the ${what} has changed since it was started (its hash is another one). A run keeps the plan and env it was started with.`,
      `End that run first, or go back to the ${what} as it was: ${commandLine('status', open.id)}`,
    );
  }
  if (own !== undefined && own.state !== 'open') {
    const newest = Math.max(...runs.map(({ id }) => partsOfRun(id).attempt));
    throw new CliError(
      `Run ${run} has been, and ended ${own.state}.`,
      `Start it with --attempt ${String(Math.max(newest, attempt) + 1)}, or without --attempt.`,
    );
  }
  if (open !== undefined) throw new CliError(`Run ${open.id} is open.`, `See what it waits for: ${commandLine('status', open.id)}`);
}

async function store({ runs }: Ledger, { plan, env }: Documents): Promise<void> {
  await runs.storeDocument(plan.hash, 'plan', plan.body);
  await runs.storeDocument(env.hash, 'env', env.body);
}
