import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { reportHtml } from '../../reports/report.ts';
import { CliError } from '../cli-error.ts';
import { partsOfRun } from '../command-line.ts';
import { done } from '../exit-codes.ts';
import { makeFolders } from '../make-folders.ts';
import type { CommandResult } from '../output.ts';
import { readReport } from '../report-data.ts';
import { needRun } from '../run-view.ts';
import { jsonFlag, type JsonOption, type Runner } from '../runner.ts';
import { withLedger } from '../with-ledger.ts';

/** `cutover report <run> [--out <folder>]`. */
export function addReport(program: Command, run: Runner): void {
  program
    .command('report <run>')
    .description('write the report of a run, as one HTML page and as JSON, from the ledger alone')
    .option('--out <folder>', 'where to write it (default: cutover-reports/<plan>/<attempt>)')
    .option(...jsonFlag)
    .action((id: string, options: JsonOption & { readonly out?: string }) => run(options, () => report(id, options.out ?? null)));
}

/** Writes report.html and report.json of a run into a folder, which is created; what stood there under these names is replaced. */
export async function report(run: string, out: string | null): Promise<CommandResult> {
  const { plan, attempt } = partsOfRun(run);
  const folder = out ?? join('cutover-reports', plan, String(attempt));
  const data = await withLedger(async (ledger) => readReport(ledger, await needRun(ledger, run)));
  const [page, json] = [join(folder, 'report.html'), join(folder, 'report.json')];
  try {
    await makeFolders(folder);
    await writeFile(page, reportHtml(data));
    await writeFile(json, `${JSON.stringify(data, null, 2)}\n`);
  } catch (error) {
    throw new CliError(`The report cannot be written to ${folder}.`, 'Name a folder that can be written to with --out.', { cause: error });
  }
  return { lines: [`Report of ${run} (${data.state}):`, page, json], json: { run, state: data.state, page, json }, exitCode: done };
}
