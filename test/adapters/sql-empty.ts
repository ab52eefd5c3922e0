import { Client } from 'pg';
import { createSql } from '../../adapters/sql/source.ts';
import type { SourcePort } from '../../contracts/source.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { askDatabase, asUser } from '../../scripts/dev/sql.ts';

/** A legacy database without a table, with its two users. */
export interface EmptyLegacy {
  /** Lets the users write to every table there is now, and the runner read them and put triggers on them. */
  grant(): Promise<void>;
  open(plan: SqlSystem): SourcePort;
  appUser(): Promise<Client>;
  owner(): Promise<Client>;
  stop(): Promise<void>;
}

let databases = 0;

/** A fresh one on a running server. */
export async function emptyLegacy(server: LocalPostgres): Promise<EmptyLegacy> {
  databases += 1;
  const name = `empty_${String(databases)}`;
  await server.createDatabase(name);
  await askDatabase(server.url(name), [
    `do $$ declare name text; begin
       foreach name in array array['legacy_app', 'cutover_runner'] loop
         if to_regrole(name) is null then execute format('create role %I login password %L', name, name); end if;
       end loop;
       execute format('grant create on database %I to cutover_runner', current_database());
     end $$`,
  ]);
  const ports: SourcePort[] = [];
  const clients: Client[] = [];
  const connect = async (url: string): Promise<Client> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    clients.push(client);
    return client;
  };
  const urlOf = (user: string): string => asUser(server.url(name), user, user);
  return {
    grant: async () => {
      await askDatabase(server.url(name), [
        `do $$ declare s record; begin
           for s in select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'cutover', 'cutover_order') loop
             execute format('grant usage on schema %1$I to legacy_app, cutover_runner; grant select, insert, update, delete on all tables in schema %1$I to legacy_app; grant select, trigger on all tables in schema %1$I to cutover_runner', s.nspname);
           end loop;
         end $$`,
      ]);
    },
    open: (plan) => {
      const port = createSql(plan, { system: 'erp', values: { url: urlOf('cutover_runner') }, callTimeoutMs: 5_000 });
      ports.push(port);
      return port;
    },
    appUser: () => connect(urlOf('legacy_app')),
    owner: () => connect(server.url(name)),
    stop: async () => {
      await Promise.all([...ports.map((port) => port.dispose()), ...clients.map((client) => client.end())]);
    },
  };
}
