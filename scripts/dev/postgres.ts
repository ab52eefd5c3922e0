import { rm } from 'node:fs/promises';
import { enterableFolder } from './postgres/server-user.ts';
import { createDatabase, databaseUrl, PostgresServer, type PostgresOptions } from './postgres/server.ts';

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

/** Starts a fresh PostgreSQL in a new temporary folder, as root or as an ordinary user; about a second. */
export async function startPostgres(options: PostgresOptions = {}): Promise<LocalPostgres> {
  const folder = await enterableFolder('cutover-pg-');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const server = new PostgresServer(folder, options);
    await server.initialise();
    await server.start();
    return {
      ...attachPostgres(server.port),
      stop: async () => {
        await server.stop();
        await remove();
      },
      restart: async () => {
        await server.stop();
        await server.start();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A PostgreSQL that another process of ours has started with `startPostgres`, and that is not ours to stop. */
export function attachPostgres(port: number): LocalPostgres {
  const notOurs = (): Promise<never> => Promise.reject(new Error('another process has started this PostgreSQL, and others use it too'));
  return {
    port,
    url: (database) => databaseUrl(port, database),
    createDatabase: (name) => createDatabase(port, name),
    stop: notOurs,
    restart: notOurs,
  };
}
