import type { Command } from 'commander';
import { wrongUse, type CliError } from '../cli-error.ts';
import { commandLine, partsOfRun } from '../command-line.ts';
import { done } from '../exit-codes.ts';
import { gateLines } from '../gate-lines.ts';
import type { CommandResult } from '../output.ts';
import { reportGate } from '../report-data.ts';
import { needRun } from '../run-view.ts';
import { jsonFlag, type JsonOption, type Runner } from '../runner.ts';
import { decideCommand } from '../situation.ts';
import { gatePlanOf, waitingOf } from '../waiting.ts';
import { withLedger } from '../with-ledger.ts';

/** `cutover gate <run> [name]`. */
export function addGate(program: Command, run: Runner): void {
  program
    .command('gate <run> [name]')
    .description('show the evidence of the gate that is open, or of the newest attempt of a named one')
    .option(...jsonFlag)
    .action((id: string, name: string | undefined, options: JsonOption) => run(options, () => gate(id, name ?? null)));
}

/** Shows a gate as the ledger has it: evidence, decisions, what is missing, and the command that decides it. */
export async function gate(run: string, name: string | null): Promise<CommandResult> {
  partsOfRun(run);
  return withLedger(async (ledger) => {
    const view = await needRun(ledger, run);
    const row = view.gates.findLast((candidate) => (name === null ? candidate.state === 'open' : candidate.gate === name));
    if (row === undefined)
      throw none(
        run,
        name,
        view.gates.map((candidate) => candidate.gate),
      );
    const shown = reportGate(row, view.decisions);
    const waiting = waitingOf(row, gatePlanOf(view.plan, row.gate), view.decisions);
    const next = row.state === 'open' ? decideCommand(run, view, waiting) : null;
    return { lines: gateLines(run, view, shown, waiting), json: { run, ...shown, missing: waiting.missing, next }, exitCode: done };
  });
}

function none(run: string, name: string | null, known: readonly string[]): CliError {
  const names = [...new Set(known)].join(', ');
  if (name === null)
    return wrongUse(
      'No gate is open now.',
      names === '' ? `See where the run stands: ${commandLine('status', run)}` : `Name one that was: ${names}.`,
    );
  return wrongUse(`There was no gate ${name} in this run yet.`, names === '' ? 'None was opened so far.' : `There were: ${names}.`);
}
