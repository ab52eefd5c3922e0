import { Client } from 'pg';
import { createSql } from '../../adapters/sql/source.ts';
import type { SourcePort } from '../../contracts/source.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { asUser } from '../../scripts/dev/sql.ts';
import type { EmptyDatabase } from './sql-emptied.ts';

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
  /** Closes every connection and leaves the database. */
  readonly stop: () => Promise<void>;
}

/** Lets both users into a database that its administrator has filled. */
export function opened(server: LocalPostgres, { name, owner, leave }: EmptyDatabase): LegacyDatabase {
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
    owner,
    open: (plan, callTimeoutMs = 30_000) => {
      const port = createSql(plan, { system: 'erp', values: { url: runnerUrl }, callTimeoutMs });
      ports.push(port);
      return port;
    },
    appUser: () => connect(asUser(server.url(name), 'legacy_app', passwords.app)),
    stop: async () => {
      await Promise.all([...ports.map((port) => port.dispose()), ...clients.map((client) => client.end())]);
      await leave();
    },
  };
}
