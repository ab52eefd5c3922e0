import type { Command } from 'commander';
import { afterResume } from '../../domain/gates/resume.ts';
import type { Standing } from '../../domain/gates/stops.ts';
import { CliError, wrongUse } from '../cli-error.ts';
import { commandLine, partsOfRun } from '../command-line.ts';
import { confirm } from '../confirm.ts';
import { sendDecision, withDecisionOptions, type DecisionOptions } from '../decision-command.ts';
import { done } from '../exit-codes.ts';
import { wholeNumber } from '../option-values.ts';
import type { CommandResult } from '../output.ts';
import { needRun } from '../run-view.ts';
import type { Runner } from '../runner.ts';
import { withLedger } from '../with-ledger.ts';

interface ResumeOptions extends DecisionOptions {
  /** Numbers of the holds to lift; all that stand where none is named. */
  readonly hold?: readonly number[];
  readonly yes?: true;
}

/** `cutover resume <run> [--hold <n>]... --by --role --reason [--yes]`. */
export function addResume(program: Command, run: Runner): void {
  const command = program
    .command('resume <run>')
    .description('lift holds and answer the breaches that led to them; shows what it lifts and what follows, and asks before it sends')
    .option(
      '--hold <n>',
      'lift this hold alone, by its number; may be given again (default: all that stand)',
      (text: string, before?: readonly number[]) => [...(before ?? []), wholeNumber(text)],
    )
    .option('--yes', 'send it without asking');
  withDecisionOptions(command).action((id: string, options: ResumeOptions) => run(options, () => resume(id, options)));
}

/** Lifts holds of a run. What is sent names the holds that were shown: one that somebody places meanwhile stays. */
export async function resume(run: string, options: ResumeOptions): Promise<CommandResult> {
  partsOfRun(run);
  return withLedger(async (ledger) => {
    await needRun(ledger, run);
    const standing = await ledger.holds.standing(run);
    const holds = chosen(run, standing, options);
    const { lifts, stays, follows } = afterResume(standing, holds);
    const lines = [...lifts, ...stays, ...follows];
    if (options.yes !== true && !(await confirm(lines, `Resume ${run}?`, options.json === true)))
      throw new CliError('Nothing was sent.', 'Call it again when you have decided.');
    const result = await sendDecision(ledger, run, 'resume', { verb: 'resume', holds }, options);
    return { ...result, lines: result.exitCode === done ? [...result.lines, ...lines] : result.lines };
  });
}

/** The holds to lift; a repeat of a request that was sent before names what it named then. */
function chosen(run: string, { holds }: Standing, { hold, requestId }: ResumeOptions): readonly number[] {
  const numbers = holds.map(({ number }) => number);
  if (numbers.length === 0 && (hold === undefined || requestId === undefined))
    throw wrongUse(`Nothing of ${run} is held, so there is nothing to resume.`, `See where it stands: ${commandLine('status', run)}`);
  const unknown = (hold ?? []).filter((number) => !numbers.includes(number));
  if (unknown.length > 0 && requestId === undefined)
    throw wrongUse(`Hold ${unknown.join(', ')} does not stand.`, `Name one of those that do: ${numbers.join(', ')}.`);
  return hold ?? numbers;
}
