import { Client } from 'pg';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';

/** The databases of each server that no test uses: at first all those that earlier files of the worker of the tests have left. */
const free = new Map<number, Promise<string[]>>();

/** Takes out all that is in a database, and puts the schema `public` back as PostgreSQL makes it. */
const clear = `do $$ declare found record; begin
  perform set_config('lock_timeout', '5s', true);
  perform pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
  for found in select pubname as name from pg_publication loop execute format('drop publication %I', found.name); end loop;
  for found in select nspname as name from pg_namespace where oid >= 16384 or nspname = 'public' loop
    execute format('drop schema %I cascade', found.name);
  end loop;
  if current_setting('server_version_num')::int >= 150000 then
    create schema public authorization pg_database_owner; grant usage on schema public to public;
  else
    create schema public; grant all on schema public to public;
  end if;
end $$`;

/** Fails where a database holds anything but the schema `public`: what people make gets numbers from 16384 on. */
const proveEmpty = `do $$ declare kind regclass; many int; begin
  for kind in select c.oid from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'oid'
    where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and not c.relisshared
  loop
    execute format('select count(*) from %s where oid >= 16384', kind) into many;
    if many > (case when kind = 'pg_namespace'::regclass then 1 else 0 end) then raise exception '% holds something', kind; end if;
  end loop;
  if exists (select from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database())) then
    raise exception 'settings are left';
  end if;
end $$`;

/** A database without a table, and its administrator in it. */
export interface EmptyDatabase {
  readonly name: string;
  readonly owner: Client;
  /** Leaves it for the next test. */
  readonly leave: () => Promise<void>;
}

/**
 * An empty database on a server of this worker of the tests, with nobody else in it. To make one takes PostgreSQL ten times as long as to empty one, so those
 * that earlier tests have left are used again; one that cannot be proved to be empty is dropped.
 */
export async function emptyDatabase(server: LocalPostgres): Promise<EmptyDatabase> {
  const left = free.get(server.port) ?? leftOn(server);
  free.set(server.port, left);
  for (let name = (await left).pop(); name !== undefined; name = (await left).pop()) {
    const owner = await enter(server, name);
    try {
      await owner.query(clear);
      await owner.query(proveEmpty);
      return handedOut(name, owner, await left);
    } catch {
      await owner.end();
      await askDatabase(server.url('postgres'), [`drop database ${name} with (force)`]);
    }
  }
  const name = `emptied_${process.hrtime.bigint().toString(36)}`;
  await server.createDatabase(name);
  return handedOut(name, await enter(server, name), await left);
}

async function leftOn(server: LocalPostgres): Promise<string[]> {
  const [found = []] = await askDatabase(server.url('postgres'), [
    `select datname as name from pg_database where datname like 'emptied\\_%'`,
  ]);
  return found.map((row) => String(row['name']));
}

/** A connection, also for a test that ends it from the other side. */
async function enter(server: LocalPostgres, name: string): Promise<Client> {
  const client = new Client({ connectionString: server.url(name) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function handedOut(name: string, owner: Client, free: string[]): EmptyDatabase {
  const leave = async (): Promise<void> => {
    await owner.end();
    free.push(name);
  };
  return { name, owner, leave };
}
