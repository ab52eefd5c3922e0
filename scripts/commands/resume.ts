import type { Command } from 'commander';
import { sendDecision, withDecisionOptions, type DecisionOptions } from '../decision-command.ts';
import type { CommandResult } from '../output.ts';
import type { Runner } from '../runner.ts';
import { withLedger } from '../with-ledger.ts';

/** `cutover resume <run> --by --role --reason`. */
export function addResume(program: Command, run: Runner): void {
  const command = program.command('resume <run>').description('lift a hold and answer the breaches that led to it');
  withDecisionOptions(command).action((id: string, options: DecisionOptions) => run(options, () => resume(id, options)));
}

/** Resumes a held run. */
export async function resume(run: string, options: DecisionOptions): Promise<CommandResult> {
  return withLedger((ledger) => sendDecision(ledger, run, 'resume', { verb: 'resume' }, options));
}
