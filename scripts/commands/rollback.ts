import type { Command } from 'commander';
import type { Ledger } from '../../ledger/ledger.ts';
import { CliError, wrongUse } from '../cli-error.ts';
import { commandLine, partsOfRun } from '../command-line.ts';
import { confirm } from '../confirm.ts';
import { sendDecision, withDecisionOptions, type DecisionOptions } from '../decision-command.ts';
import type { CommandResult } from '../output.ts';
import { priceLines } from '../price.ts';
import { needRun, needWave, type RunView } from '../run-view.ts';
import type { Runner } from '../runner.ts';
import { signedCommand } from '../at-gate.ts';
import { withLedger } from '../with-ledger.ts';

interface RollbackOptions extends DecisionOptions {
  readonly scope: string;
  readonly yes?: true;
}

/** `cutover rollback <run> --scope run|<wave> --by --role --reason [--yes]`. */
export function addRollback(program: Command, run: Runner): void {
  const command = program
    .command('rollback <run>')
    .description('take a wave, or the whole run, back; asks before it sends')
    .requiredOption('--scope <run|wave>', 'run, or the name of one wave')
    .option('--yes', 'send it without asking');
  withDecisionOptions(command).action((id: string, options: RollbackOptions) => run(options, () => rollback(id, options)));
}

/** Orders a rollback, after its scope was found and its price was shown and confirmed. */
export async function rollback(run: string, options: RollbackOptions): Promise<CommandResult> {
  const { scope, yes, json } = options;
  partsOfRun(run);
  return withLedger(async (ledger) => {
    // The whole run is named by its id alone: ordering it back waits for nothing that the ledger would have to answer.
    if (yes !== true || scope !== 'run') {
      const view = await needScope(ledger, run, scope);
      const question = `Take back ${scope === 'run' ? `the whole run ${run}` : `wave ${scope} of ${run}`}?`;
      if (yes !== true && !(await confirm(await priceLines(ledger, view, scope), question, json === true)))
        throw new CliError('Nothing was sent.', 'Call it again when you have decided.');
    }
    return sendDecision(ledger, run, 'rollback', { verb: 'rollback', scope }, options);
  });
}

/** The run, where it has what is to be taken back: a wave that never began, or was taken back already, has nothing. */
async function needScope(ledger: Ledger, run: string, scope: string): Promise<RunView> {
  const view = await needRun(ledger, run);
  if (scope === 'run') return view;
  const wave = needWave(view, scope);
  if (wave.state === 'planned')
    throw wrongUse(
      `Wave ${scope} has not begun, so there is nothing to take back.`,
      `Hold it if it must not begin: ${signedCommand('hold', run, '--scope', scope)}`,
    );
  if (wave.state === 'rolledBack' || wave.state === 'rolledBackWithExceptions')
    throw wrongUse(`Wave ${scope} has been taken back already.`, `See where the run stands: ${commandLine('status', run)}`);
  return view;
}
