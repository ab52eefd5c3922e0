import { Client } from 'pg';
import { createSql } from '../../adapters/sql/source.ts';
import type { SourcePort } from '../../contracts/source.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { askDatabase, asUser } from '../../scripts/dev/sql.ts';

/** Passwords of the two users of every legacy database of these tests. */
export const passwords = { app: 'app', runner: 'runner' };

/** A legacy database with its users. */
export interface LegacyDatabase {
  /** Its address for the runner. */
  readonly runnerUrl: string;
  /** The administrator, who owns its tables. */
  readonly owner: Client;
  /** The port of a plan over it. */
  readonly open: (plan: SqlSystem, callTimeoutMs?: number) => SourcePort;
  /** A connection of a user of the legacy ERP. */
  readonly appUser: () => Promise<Client>;
  /** Closes every connection and drops the database. */
  readonly stop: () => Promise<void>;
}

/** A name that no other legacy database of this process has, also of the files that ran before. */
export function newName(): string {
  return `legacy_${process.hrtime.bigint().toString(36)}`;
}

/** Enters a database that is there with both users. */
export async function enterDatabase(server: LocalPostgres, name: string): Promise<LegacyDatabase> {
  const ports: SourcePort[] = [];
  const clients: Client[] = [];
  const connect = async (url: string): Promise<Client> => {
    const client = new Client({ connectionString: url });
    // One that a test ends from the other side.
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const runnerUrl = asUser(server.url(name), 'cutover_runner', passwords.runner);
  return {
    runnerUrl,
    owner: await connect(server.url(name)),
    open: (plan, callTimeoutMs = 5_000) => {
      const port = createSql(plan, { system: 'erp', values: { url: runnerUrl }, callTimeoutMs });
      ports.push(port);
      return port;
    },
    appUser: () => connect(asUser(server.url(name), 'legacy_app', passwords.app)),
    stop: async () => {
      await Promise.all([...ports.map((port) => port.dispose()), ...clients.map((client) => client.end())]);
      await askDatabase(server.url('postgres'), [`drop database ${name} with (force)`]);
    },
  };
}
