import { createDatabase, databaseUrl, PostgresServer } from '../postgres/server.ts';

/** A PostgreSQL server on a data folder that the caller keeps or throws away. */
export interface FolderServer {
  /** Address without a database name. */
  readonly url: string;
  createDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server on `<folder>/data`, which PostgreSQL's user must be able to enter; `fresh` makes the data folder first. */
export async function startOnFolder(folder: string, fresh: boolean): Promise<FolderServer> {
  const server = new PostgresServer(folder);
  if (fresh) await server.initialise();
  else await server.own();
  await server.start();
  return {
    url: databaseUrl(server.port, ''),
    createDatabase: (name) => createDatabase(server.port, name),
    stop: () => server.stop(),
  };
}
