import type { Command } from 'commander';
import { guardWithinMs } from '../../domain/guards/alive.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readCalls } from '../budget-lines.ts';
import { CliError } from '../cli-error.ts';
import { commandLine, partsOfRun } from '../command-line.ts';
import { temporalAddress, withTemporal } from '../connect.ts';
import { runCodes } from '../exit-codes.ts';
import { lookAt, type WorkflowLook } from '../look.ts';
import type { CommandResult } from '../output.ts';
import { readPending, type Pending } from '../pending.ts';
import { readPrice } from '../price.ts';
import { readingLines } from '../reading.ts';
import { readRun, type RunView } from '../run-view.ts';
import { jsonFlag, type JsonOption, type Runner } from '../runner.ts';
import { isUnanswered, situationOf, type Away } from '../situation.ts';
import { bodyLines, readBody } from '../status-lines.ts';
import { troubleLines } from '../trouble.ts';
import { versionText } from '../worker-version.ts';
import { withLedger } from '../with-ledger.ts';

/** `cutover status <run>`; its exit code tells how the run stands. */
export function addStatus(program: Command, run: Runner): void {
  program
    .command('status <run>')
    .description('say what is waited for, who can act, since when, what happens if nobody does, and the next command')
    .option(...jsonFlag)
    .action((id: string, options: JsonOption) => run(options, () => status(id)));
}

/** Where a run stands, by its workflow and by the ledger; a workflow that cannot be asked is said so, and the ledger's view is shown. */
export async function status(run: string): Promise<CommandResult> {
  partsOfRun(run);
  return withLedger(async (ledger) => {
    // The ledger is read last: what the workflow tells of is in it by then.
    const [{ look, away, trouble, readings }, view] = [await lookOrAway(run), await readRun(ledger, run)];
    if (view === null && (look === null || look.state === 'absent')) throw unknownRun(run, away);
    const nowMs = Date.now();
    const situation = situationOf({ run, view, look, away, trouble, nowMs });
    const price = view?.run.state === 'open' ? await readPrice(ledger, view, 'run') : null;
    const body = view === null ? null : await readBody(ledger, view, price);
    const calls = view?.run.state === 'open' ? await readCalls(ledger, view) : null;
    const answer = look?.answer ?? null;
    const phase = answer?.phase ?? view?.run.phase ?? null;
    const lines = [
      situation.headline,
      ...troubleLines(trouble),
      ...(calls?.lines ?? []),
      ...readingLines(readings),
      ...(await guardLines(ledger, view)),
      ...sourceLines(view, look),
      ...(phase === null
        ? []
        : [`Phase ${phase}${answer?.wave == null ? '' : `, wave ${answer.wave}`}${answer === null ? '' : `: ${answer.step}`}`]),
      ...(body === null ? [] : bodyLines(body)),
    ];
    const { standing, headline, next, waiting } = situation;
    const json = {
      run,
      standing,
      headline,
      next,
      phase,
      wave: answer?.wave ?? null,
      step: answer?.step ?? null,
      held: answer?.held ?? view?.run.held ?? null,
      waiting,
      trouble,
      readings,
      calls: calls?.calls ?? null,
      source: answer === null ? 'ledger' : 'workflow',
      workerVersion: look?.version ?? null,
      ...body,
    };
    return { lines, json, exitCode: runCodes[standing] };
  });
}

const nothingPending: Pending = { trouble: [], readings: [] };

/** The workflow as Temporal shows it, or why Temporal cannot be asked. */
async function lookOrAway(run: string): Promise<Pending & { readonly look: WorkflowLook | null; readonly away: Away | null }> {
  try {
    return await withTemporal(async (temporal) => {
      const look = await lookAt(temporal, run);
      return { look, away: null, ...(look.state === 'absent' ? nothingPending : await readPending(temporal, run)) };
    });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { look: null, ...nothingPending, away: { message: error.message, remedy: error.remedy, address: temporalAddress() } };
  }
}

function unknownRun(run: string, away: Away | null): CliError {
  return away === null
    ? new CliError(`Nobody knows a run ${run}.`, 'Correct the id, or start it with cutover start.')
    : new CliError(`The ledger has no run ${run}, and Temporal cannot be asked: ${away.message}`, `${away.remedy} Or correct the id.`);
}

/** Loads wait for a sign of life of the guards' watcher: that it is missing is said wherever the run stands. */
async function guardLines(ledger: Ledger, view: RunView | null): Promise<readonly string[]> {
  if (view?.env == null || view.run.state !== 'open' || view.run.phase === 'preflight' || view.run.phase === 'rollback') return [];
  if (await ledger.runs.guardAlive(view.run.id, guardWithinMs(view.env))) return [];
  const next = commandLine('recover', view.run.id);
  return [
    `Nobody watches the guards: the watcher gives no sign of life, and loads wait for it. The run starts it again by itself; where it does not: ${next}`,
  ];
}

function sourceLines(view: RunView | null, look: WorkflowLook | null): readonly string[] {
  if (look === null || !isUnanswered({ view, look })) return [];
  return look.version === null
    ? ['The workflow did not answer, most likely because no worker runs; this is what the ledger has.']
    : [`The workflow did not answer. ${versionText(look.version)} This is what the ledger has.`];
}
