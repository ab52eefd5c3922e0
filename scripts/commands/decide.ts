import { Argument, type Command } from 'commander';
import type { GateRow } from '../../ledger/gates.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { CliError, wrongUse } from '../cli-error.ts';
import { commandLine, partsOfRun } from '../command-line.ts';
import { confirm } from '../confirm.ts';
import { sendDecision, withDecisionOptions, type DecisionOptions, type DecisionParts } from '../decision-command.ts';
import { gateLines } from '../gate-lines.ts';
import { wholeNumber } from '../option-values.ts';
import type { CommandResult } from '../output.ts';
import { reportGate } from '../report-data.ts';
import { priceLines } from '../price.ts';
import { needRun, type RunView } from '../run-view.ts';
import type { Runner } from '../runner.ts';
import { gatePlanOf, waitingOf } from '../waiting.ts';
import { withLedger } from '../with-ledger.ts';

interface DecideOptions extends DecisionOptions {
  readonly gate?: string;
  readonly attempt?: number;
  readonly facts?: string;
  readonly yes?: true;
}

/** `cutover decide <run> go|no-go --by --role --reason [--gate --attempt --facts]`. */
export function addDecide(program: Command, run: Runner): void {
  const command = program
    .command('decide <run>')
    .description('say go or no-go at a gate, on the evidence it shows')
    .addArgument(new Argument('<verdict>', 'what you decide').choices(['go', 'no-go']))
    .option('--gate <name>', 'the gate (default: the one that is open, after a confirmation)')
    .option('--attempt <n>', 'its attempt', wholeNumber)
    .option('--facts <hash>', 'the facts you decide on, as the gate shows them')
    .option('--yes', 'take what is open, and send a no-go that takes a wave back, without asking');
  withDecisionOptions(command).action((id: string, verdict: 'go' | 'no-go', options: DecideOptions) =>
    run(options, () => decide(id, verdict, options)),
  );
}

/** Sends a go or no-go. A go names gate, attempt and facts; those left out are taken from the open gate, shown, and confirmed. */
export async function decide(run: string, verdict: 'go' | 'no-go', options: DecideOptions): Promise<CommandResult> {
  partsOfRun(run);
  return withLedger(async (ledger) => {
    const given: DecisionParts = {
      verb: verdict === 'go' ? 'go' : 'noGo',
      ...(options.gate === undefined ? {} : { gate: options.gate }),
      ...(options.attempt === undefined ? {} : { attempt: options.attempt }),
      ...(options.facts === undefined ? {} : { factsHash: options.facts }),
    };
    if (given.verb === 'noGo') return sendDecision(ledger, run, 'decide', await confirmedNoGo(ledger, run, given, options), options);
    const isWhole = given.gate !== undefined && given.attempt !== undefined && given.factsHash !== undefined;
    return sendDecision(ledger, run, 'decide', isWhole ? given : await completed(ledger, run, given, options), options);
  });
}

/** A no-go at a switch gate takes its wave back: it shows the same price and asks the same as `cutover rollback`. Elsewhere it only keeps a gate shut. */
async function confirmedNoGo(ledger: Ledger, run: string, given: DecisionParts, { yes, json }: DecideOptions): Promise<DecisionParts> {
  if (yes === true) return given;
  const view = await needRun(ledger, run);
  const row = openGate(run, view, given.gate);
  if (row.kind !== 'switch') return given;
  const lines = [`A no-go at gate ${row.gate} takes wave ${row.wave} back; its accounts are opened again in legacy.`];
  const question = `Say no-go on gate ${row.gate}, and take wave ${row.wave} of ${run} back?`;
  if (await confirm([...lines, ...(await priceLines(ledger, view, row.wave))], question, json === true))
    return { ...given, gate: row.gate };
  throw new CliError('Nothing was sent.', 'Call it again when you have decided.');
}

/** The gate that is open: the one named, or the newest. */
function openGate(run: string, view: RunView, name: string | undefined): GateRow {
  const row = view.gates.findLast(({ state, gate }) => state === 'open' && (name === undefined || name === gate));
  if (row !== undefined) return row;
  throw wrongUse(
    name === undefined ? 'No gate is open now.' : `Gate ${name} is not open now.`,
    `See what the run waits for: ${commandLine('status', run)}`,
  );
}

/** Fills in what the command left out from the open gate, once the person has seen it. */
async function completed(ledger: Ledger, run: string, given: DecisionParts, { yes, json }: DecideOptions): Promise<DecisionParts> {
  const view = await needRun(ledger, run);
  const row = openGate(run, view, given.gate);
  const parts = { gate: row.gate, attempt: row.attempt, factsHash: row.factsHash, ...given };
  if (yes === true) return parts;
  const lines = gateLines(run, view, reportGate(row, view.decisions), waitingOf(row, gatePlanOf(view.plan, row.gate), view.decisions));
  if (
    await confirm(
      lines,
      `Say ${given.verb} on gate ${parts.gate}, attempt ${String(parts.attempt)}, facts ${parts.factsHash}?`,
      json === true,
    )
  )
    return parts;
  throw new CliError('Nothing was sent.', 'Call it again when you have decided.');
}
