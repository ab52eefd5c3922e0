import type { Command } from 'commander';
import type { WorkflowExecutionStatusName } from '@temporalio/client';
import { takeUp as takeUpSignal } from '../../contracts/messages.ts';
import type { RunView } from '../run-view.ts';
import { CliError } from '../cli-error.ts';
import { commandLine, partsOfRun } from '../command-line.ts';
import { callMs, withTemporal, type Temporal } from '../connect.ts';
import { done } from '../exit-codes.ts';
import { relaunch } from '../launch.ts';
import { lookAt } from '../look.ts';
import type { CommandResult } from '../output.ts';
import { needRun } from '../run-view.ts';
import { jsonFlag, type JsonOption, type Runner } from '../runner.ts';
import { versionText } from '../worker-version.ts';
import { withLedger } from '../with-ledger.ts';

/** `cutover recover <run>`. */
export function addRecover(program: Command, run: Runner): void {
  program
    .command('recover <run>')
    .description('take a run up again whose workflow was terminated, failed, was set back or is lost; it goes on from the ledger')
    .option(...jsonFlag)
    .action((id: string, options: JsonOption) => run(options, () => recover(id)));
}

/** Takes up an open run from the ledger: starts its workflow again, or tells the one that is under way to read the ledger again. */
export async function recover(run: string): Promise<CommandResult> {
  partsOfRun(run);
  return withLedger(async (ledger) => {
    const view = await needRun(ledger, run);
    const next = commandLine('status', run);
    if (view.run.state !== 'open')
      throw new CliError(`Run ${run} has ended (${view.run.state}); there is nothing to take up.`, `See what became of it: ${next}`);
    return withTemporal(async (temporal) => {
      const { state, version } = await lookAt(temporal, run);
      const how = await takeUp(temporal, view, state);
      const lines = [
        how === 'started' ? startedLine(run, state, view) : `${run} is under way; it reads the ledger again and goes on from there.`,
      ];
      if (how === 'told' && version !== null) lines.push(`Nobody has heard that yet. ${versionText(version)}`);
      return { lines: [...lines, `Next: ${next}`], json: { run, how, found: state, phase: view.run.phase, next }, exitCode: done };
    });
  });
}

async function takeUp(temporal: Temporal, view: RunView, state: WorkflowExecutionStatusName | 'absent'): Promise<'started' | 'told'> {
  const { id } = view.run;
  if (state === 'PAUSED')
    throw new CliError(`The workflow of ${id} is paused in Temporal.`, `Let it go on: temporal workflow unpause --workflow-id ${id}`);
  if (state !== 'RUNNING' && state !== 'CONTINUED_AS_NEW') {
    await relaunch(temporal, view.run, { plan: view.plan, env: view.env });
    return 'started';
  }
  const { client } = temporal;
  await client.withDeadline(Date.now() + callMs, () => client.workflow.getHandle(id).signal(takeUpSignal));
  return 'told';
}

function startedLine(run: string, state: WorkflowExecutionStatusName | 'absent', { run: { phase } }: RunView): string {
  const found = state === 'absent' ? 'Temporal knew no workflow of it' : `its workflow had ended as ${state}`;
  return `${run} is taken up again in phase ${phase} (${found}); what its children did meanwhile is found.`;
}
