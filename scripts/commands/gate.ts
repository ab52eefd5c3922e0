import type { Command } from 'commander';
import type { GateRow } from '../../ledger/gates.ts';
import { CliError, wrongUse } from '../cli-error.ts';
import { commandLine, partsOfRun } from '../command-line.ts';
import { withTemporal } from '../connect.ts';
import { done } from '../exit-codes.ts';
import { gateLines, reasonsOf } from '../gate-lines.ts';
import { duration } from '../option-values.ts';
import type { CommandResult } from '../output.ts';
import { reportGate } from '../report-data.ts';
import { needRun, type RunView } from '../run-view.ts';
import { jsonFlag, type JsonOption, type Runner } from '../runner.ts';
import { askToMeasure } from '../send.ts';
import { decideCommands } from '../at-gate.ts';
import { gatePlanOf, waitingOf } from '../waiting.ts';
import { withLedger } from '../with-ledger.ts';

interface GateOptions extends JsonOption {
  readonly again?: true;
  readonly all?: true;
  readonly wait?: number;
}

/** How long a gate may take to be measured again (ms), unless the command says otherwise. */
const againMs = 60_000;

/** `cutover gate <run> [name] [--again]`. */
export function addGate(program: Command, run: Runner): void {
  program
    .command('gate <run> [name]')
    .description('show the evidence of the gate that is open, or of the newest attempt of a named one')
    .option('--again', 'measure the gate that is open again, now, and show what came of it')
    .option('--all', 'name every open exception, not the first of each kind alone')
    .option('--wait <duration>', 'with --again: how long to wait for it, for example 30s', duration)
    .option(...jsonFlag)
    .action((id: string, name: string | undefined, options: GateOptions) =>
      run(options, () =>
        options.again === true
          ? gateAgain(id, name ?? null, options.wait ?? againMs, options.all === true)
          : gate(id, name ?? null, options.all === true),
      ),
    );
}

/** Shows a gate as the ledger has it: evidence, decisions, what is missing, and the command that decides it. */
export async function gate(run: string, name: string | null, all = false): Promise<CommandResult> {
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
    const reasons = reasonsOf(view);
    const next = row.state === 'open' ? decideCommands(run, waiting) : null;
    return {
      lines: gateLines(run, view, shown, waiting, all),
      json: {
        run,
        ...shown,
        reasons: shown.exceptions.map((text) => reasons.get(text) ?? null),
        missing: waiting.missing,
        next: next?.go ?? null,
        noGo: next?.noGo ?? null,
      },
      exitCode: done,
    };
  });
}

/** Asks the run to measure its open gate again, and shows the gate once it was: the same attempt, or the one that took its place. It decides nothing. */
async function gateAgain(run: string, name: string | null, waitMs: number, all: boolean): Promise<CommandResult> {
  partsOfRun(run);
  return withLedger(async (ledger) => {
    const before = openRow(await needRun(ledger, run), run, name);
    await withTemporal((temporal) => askToMeasure(temporal, run));
    const until = performance.now() + waitMs;
    do {
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      const now = await ledger.gates.latest(run, before.gate);
      if (now === null || now.attempt > before.attempt || now.measuredAt > before.measuredAt) return gate(run, before.gate, all);
      if (now.state === 'go' || now.state === 'noGo') return gate(run, before.gate, all);
    } while (performance.now() < until);
    throw new CliError(
      `Gate ${before.gate} was asked to be measured again, and was not within ${String(Math.round(waitMs / 1_000))} s.`,
      `It will be as soon as a worker runs; then look with: ${commandLine('gate', run, before.gate)}`,
    );
  });
}

/** Pause between two looks at the ledger (ms). */
const lookEveryMs = 250;

function openRow({ gates }: RunView, run: string, name: string | null): GateRow {
  const row = gates.findLast((candidate) => candidate.state === 'open' && (name === null || candidate.gate === name));
  if (row !== undefined) return row;
  throw wrongUse(
    name === null
      ? 'No gate is open now, so there is nothing to measure.'
      : `Gate ${name} is not open now, so there is nothing to measure.`,
    `See where the run stands: ${commandLine('status', run)}`,
  );
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
