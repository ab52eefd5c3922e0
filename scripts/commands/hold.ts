import type { Command } from 'commander';
import { sendDecision, withDecisionOptions, type DecisionOptions } from '../decision-command.ts';
import type { CommandResult } from '../output.ts';
import type { Runner } from '../runner.ts';
import { withLedger } from '../with-ledger.ts';

/** `cutover hold <run> --by --role --reason`. */
export function addHold(program: Command, run: Runner): void {
  const command = program.command('hold <run>').description('begin no new writes until somebody resumes the run; the guards go on');
  withDecisionOptions(command).action((id: string, options: DecisionOptions) => run(options, () => hold(id, options)));
}

/** Holds a run. */
export async function hold(run: string, options: DecisionOptions): Promise<CommandResult> {
  return withLedger((ledger) => sendDecision(ledger, run, 'hold', { verb: 'hold' }, options));
}
