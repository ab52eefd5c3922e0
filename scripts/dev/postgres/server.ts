import { spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, onFreePorts } from '../ports.ts';
import { askDatabase } from '../sql.ts';
import { postgresPrograms } from './programs.ts';
import { serverUser } from './server-user.ts';

const user = 'postgres';
const password = 'local-only';

/** Milliseconds until a server takes connections; it recovers first where it was killed. */
const readyWithinMs = 120_000;

/** The data is thrown away with its folder, and a restart of the process alone loses nothing; every connection comes over loopback. */
const settings: readonly string[] = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'jit=off',
  'max_connections=300',
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
];

/**
 * At every connection PostgreSQL hashes the password that it is sent, 4,096 times over unless told otherwise: half of what a connection costs it. These
 * passwords stand in the sources, or in a file beside the server.
 */
const hashedOnce = 'scram_iterations=1';

/** Which PostgreSQL, and how it is set. */
export interface PostgresOptions {
  /** The package that carries another version. */
  readonly packageName?: string | undefined;
  /** Settings beside our own, as `name=value`; one that is named in both counts as given here. */
  readonly settings?: readonly string[] | undefined;
}

/** Address of a database of a server of ours, as its administrator. */
export function databaseUrl(port: number, database: string): string {
  return `postgresql://${user}:${password}@127.0.0.1:${String(port)}/${database}`;
}

export async function createDatabase(port: number, name: string): Promise<void> {
  await askDatabase(databaseUrl(port, 'postgres'), [`create database "${name}"`]);
}

/** A PostgreSQL server on a data folder that the caller keeps or throws away. */
export class PostgresServer {
  readonly #data: string;
  readonly #packageName: string | undefined;
  readonly #settings: readonly string[];
  #process: ChildProcess | null = null;
  #port: number | null = null;

  /** A server on `<folder>/data`, not started yet; PostgreSQL's user must be able to enter the folder. */
  constructor(folder: string, { packageName, settings: more = [] }: PostgresOptions = {}) {
    this.#data = join(folder, 'data');
    this.#packageName = packageName;
    this.#settings = [...settings, ...more];
  }

  /** The port it has from its first start on; throws before that. */
  get port(): number {
    if (this.#port === null) throw new Error('this PostgreSQL has not been started yet');
    return this.#port;
  }

  /** Makes the data folder; throws PostgreSQL's own words where it cannot. */
  async initialise(): Promise<void> {
    const { initdb } = await postgresPrograms(this.#packageName);
    await mkdir(this.#data, { mode: 0o700 });
    const secret = join(this.#data, '..', 'password');
    await writeFile(secret, `${password}\n`, { mode: 0o600 });
    const owner = serverUser();
    if (owner !== null) for (const path of [this.#data, secret]) await chown(path, owner.uid, owner.gid);
    const args = [`--pgdata=${this.#data}`, '--auth=password', `--username=${user}`, `--pwfile=${secret}`, '--no-sync', '--encoding=UTF8'];
    // PostgreSQL below 16 knows neither the setting nor how to be given one here.
    if (this.#packageName === undefined) args.push(`--set=${hashedOnce}`);
    const { code, words } = await ended(this.#spawn(initdb, [...args, '--locale=C.UTF-8', '--lc-messages=C']));
    await rm(secret);
    if (code !== 0) throw new Error(`PostgreSQL could not make its data folder ${this.#data}: ${words}`);
  }

  /** Gives the data folder to PostgreSQL's user, where it was unpacked by another. */
  async own(): Promise<void> {
    const owner = serverUser();
    if (owner === null) return;
    for (const path of ['', ...(await readdir(this.#data, { recursive: true }))]) await chown(join(this.#data, path), owner.uid, owner.gid);
  }

  /** Starts the server and returns when it takes connections, each time on the same port; throws its own last words where it ends instead. */
  async start(): Promise<void> {
    const known = this.#port;
    this.#port = await onFreePorts(() => (known === null ? freePort() : Promise.resolve(known)).then((port) => this.#startOn(port)));
  }

  async #startOn(port: number): Promise<number> {
    const { postgres } = await postgresPrograms(this.#packageName);
    const flags = this.#settings.flatMap((setting) => ['-c', setting]);
    const child = this.#spawn(postgres, ['-D', this.#data, '-p', String(port), ...flags]);
    // Nothing of it may outlive us: at this signal it ends at once, its children with it.
    const endWithUs = (): void => void child.kill('SIGQUIT');
    process.once('exit', endWithUs);
    const end = ended(child);
    void end.then(() => process.off('exit', endWithUs));
    await ready(child, end, port);
    this.#process = child;
    return port;
  }

  /** Ends the server, its open connections with it. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await gone;
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    return spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: join(this.#data, '..'),
      env: { ...process.env, LC_ALL: 'C' },
      ...serverUser(),
    });
  }
}

/** How a process ended, and the last it wrote; a program that cannot be run ends with code null. */
function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly words: string }> {
  let words = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-2_000);
    });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve({ code: null, words: error.message });
    });
    child.once('close', (code) => {
      resolve({ code, words: words.trim() });
    });
  });
}

async function ready(child: ChildProcess, end: ReturnType<typeof ended>, port: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, readyWithinMs, `it was not ready within ${String(readyWithinMs / 1000)} s`);
  });
  const up = new Promise<null>((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.includes('ready to accept connections')) resolve(null);
    });
  });
  const failure = await Promise.race([up, late, end.then(({ words }) => words)]);
  clearTimeout(timer);
  if (failure === null) return;
  child.kill('SIGQUIT');
  throw new Error(`PostgreSQL did not start on port ${String(port)}: ${failure}`);
}
