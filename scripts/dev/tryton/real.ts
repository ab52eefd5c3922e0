import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../ports.ts';
import { enterableFolder } from '../postgres/server-user.ts';
import type { FolderServer } from './postgres-folder.ts';
import { startOnFolder } from './postgres-folder.ts';
import { trytonPrograms } from './python.ts';
import type { Passwords } from './snapshot.ts';
import { databaseName, trytonConfiguration, unpackSnapshot } from './snapshot.ts';

export interface RealTryton {
  readonly url: string;
  readonly database: string;
  /** The database itself, entered as its owner: for those who judge from outside what Tryton holds. */
  readonly databaseUrl: string;
  /** Of the users `admin`, `cutover` (the runner's, with the groups it needs) and `sales` (a person). */
  readonly passwords: Passwords;
  /** Stops both servers and removes their data. */
  stop(): Promise<void>;
}

/** Milliseconds until Tryton has loaded its modules and answers a login. */
const readyWithinMs = 120_000;

/** Tryton 8.2 as it runs in production, under gunicorn with two processes on a PostgreSQL of its own, set up and empty. Seconds, once built. */
export async function startRealTryton(): Promise<RealTryton> {
  const programs = await trytonPrograms();
  const folder = await enterableFolder('cutover-tryton-');
  const started: { postgres?: FolderServer; server?: ChildProcess } = {};
  const stop = async (): Promise<void> => {
    if (started.server) await ended(started.server);
    await started.postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const passwords = await unpackSnapshot(folder);
    started.postgres = await startOnFolder(folder, false);
    const port = await freePort();
    const configuration = join(folder, 'trytond.conf');
    await writeFile(configuration, trytonConfiguration(started.postgres.url, port));
    started.server = await startServer(programs, folder, configuration, port);
    const url = `http://127.0.0.1:${String(port)}`;
    await untilReady(url, passwords.admin, started.server, join(folder, 'server.log'));
    return { url, database: databaseName, databaseUrl: `${started.postgres.url}${databaseName}`, passwords, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The database is preloaded: Tryton answers the first login to another one with an error for ever. */
async function startServer(programs: string, folder: string, configuration: string, port: number): Promise<ChildProcess> {
  const log = await open(join(folder, 'server.log'), 'w');
  const args = [
    '--workers',
    '2',
    '--timeout',
    '300',
    '--no-control-socket',
    '--bind',
    `127.0.0.1:${String(port)}`,
    'trytond.application:app',
  ];
  const environment = { ...process.env, TRYTOND_CONFIG: configuration, TRYTOND_DATABASE_NAMES: databaseName };
  const child = spawn(join(programs, 'gunicorn'), args, { env: environment, stdio: ['ignore', log.fd, log.fd] });
  await log.close();
  // No server may outlive the process that started it.
  const end = (): void => void child.kill();
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

async function untilReady(url: string, password: string, server: ChildProcess, log: string): Promise<void> {
  const body = JSON.stringify({ id: 1, method: 'common.db.login', params: ['admin', { password }] });
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline && server.exitCode === null) {
    const reply = await fetch(`${url}/${databaseName}/rpc/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    }).catch(() => null);
    if (reply?.ok === true) return;
    await sleep(100);
  }
  throw new Error(
    `Tryton did not answer within ${String(readyWithinMs / 1000)} s. The end of its log:\n${(await readFile(log, 'utf8')).slice(-2_000)}`,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  child.kill('SIGTERM');
  await gone;
}
