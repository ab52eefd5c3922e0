import type { Command } from 'commander';
import type { RunRow } from '../../ledger/runs.ts';
import { instantText } from '../../reports/instant.ts';
import { commandLine } from '../command-line.ts';
import { done } from '../exit-codes.ts';
import type { CommandResult } from '../output.ts';
import { jsonFlag, type JsonOption, type Runner } from '../runner.ts';
import { closed } from '../sentences.ts';
import { withLedger } from '../with-ledger.ts';

/** `cutover runs`. */
export function addRuns(program: Command, run: Runner): void {
  program
    .command('runs')
    .description('list the runs that the ledger knows, the newest first')
    .option(...jsonFlag)
    .action((options: JsonOption) => run(options, runs));
}

/** Every run of the ledger with how it stands, and the command that says more of it. */
async function runs(): Promise<CommandResult> {
  return withLedger(async (ledger) => {
    const all = await ledger.runs.all();
    const start = commandLine('start', 'plan.yaml', '--env', 'env.yaml');
    return {
      lines: all.length === 0 ? [`The ledger knows no run yet. Start one: ${start}`] : all.map(lineOf),
      json: {
        runs: all.map(({ id, state, phase, held, startedAt, endedAt }) => ({
          run: id,
          state,
          phase,
          held,
          startedAt: startedAt.toISOString(),
          endedAt: endedAt?.toISOString() ?? null,
          next: commandLine('status', id),
        })),
      },
      exitCode: done,
    };
  });
}

function lineOf({ id, state, phase, held, startedAt, endedAt }: RunRow): string {
  const stands = state === 'open' ? `open, phase ${phase}` : state;
  const times = `began ${instantText(startedAt.toISOString())}${endedAt === null ? '' : `, ended ${instantText(endedAt.toISOString())}`}`;
  return `${id}: ${stands}, ${times}.${held === null ? '' : ` Held: ${closed(held)}`} Next: ${commandLine('status', id)}`;
}
