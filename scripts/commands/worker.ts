import { realpathSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';

/** `cutover worker`. It logs JSON lines instead of printing a result, so it has no `--json`. */
export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('carry out what runs need, until Ctrl-C or SIGTERM; start as many as you like')
    .action(async () => {
      // No bundle holds the worker: the SDK looks for files of its own beside its modules.
      await import(/* webpackIgnore: true */ pathToFileURL(workerProgram()).href);
    });
}

/** The worker's own program, beside the folder of the command: `.ts` in a clone, `.js` in the package. */
function workerProgram(): string {
  const command = realpathSync(process.argv[1] ?? '');
  return join(dirname(command), '..', 'workers', extname(command) === '.ts' ? 'main.ts' : 'main.js');
}
