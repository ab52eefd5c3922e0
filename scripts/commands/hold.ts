import type { Command } from 'commander';
import { partsOfRun } from '../command-line.ts';
import { sendDecision, withDecisionOptions, type DecisionOptions } from '../decision-command.ts';
import type { CommandResult } from '../output.ts';
import { needRun, needWave } from '../run-view.ts';
import type { Runner } from '../runner.ts';
import { withLedger } from '../with-ledger.ts';

interface HoldOptions extends DecisionOptions {
  readonly scope: string;
}

/** `cutover hold <run> [--scope run|<wave>] --by --role --reason`. */
export function addHold(program: Command, run: Runner): void {
  const command = program
    .command('hold <run>')
    .description('begin no new writes until somebody resumes it; the guards go on, and a batch in flight ends')
    .option('--scope <run|wave>', 'what it stops: run, or the name of one wave', 'run');
  withDecisionOptions(command).action((id: string, options: HoldOptions) => run(options, () => hold(id, options)));
}

/** Holds a run, or one wave of it; several holds may stand, each with its own reason. */
export async function hold(run: string, options: HoldOptions): Promise<CommandResult> {
  const { scope } = options;
  partsOfRun(run);
  return withLedger(async (ledger) => {
    // The whole run is named by its id alone: holding it waits for nothing that the ledger would have to answer.
    if (scope !== 'run') needWave(await needRun(ledger, run), scope);
    return sendDecision(ledger, run, 'hold', { verb: 'hold', scope }, options);
  });
}
