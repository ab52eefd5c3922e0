import type { Client } from 'pg';
import type { SourcePort } from '../../contracts/source.ts';
import { sqlSystemSchema } from '../../domain/plan/systems.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { emptyDatabase } from './sql-emptied.ts';
import { opened, passwords, type LegacyDatabase } from './sql-database.ts';
import { nextOrder } from './sql-legacy.ts';

/** A legacy database without a table, with its two users. */
export interface EmptyLegacy extends LegacyDatabase {
  /** Lets the users write to every table there is now, and the runner read them and put triggers on them. */
  readonly grant: () => Promise<void>;
  /** Makes tables, opens them to everybody as a company would, and installs the guard of a plan with these tables and queries. */
  readonly installed: (ddl: string, tables: object, queries?: object) => Promise<{ readonly port: SourcePort; readonly writer: Client }>;
}

/** A fresh one on a running server. */
export async function emptyLegacy(server: LocalPostgres): Promise<EmptyLegacy> {
  const empty = await emptyDatabase(server);
  const users = (['legacy_app', 'cutover_runner'] as const).map((user) =>
    userWith(user, passwords[user === 'legacy_app' ? 'app' : 'runner']),
  );
  await empty.owner.query([...users, `grant create on database ${empty.name} to cutover_runner`].join('; '));
  const database = opened(server, empty);
  const grant = async (): Promise<void> => {
    await database.owner.query(
      `do $$ declare s record; begin
         for s in select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'cutover', 'cutover_order') loop
           execute format('grant usage on schema %1$I to legacy_app, cutover_runner; grant select, insert, update, delete on all tables in schema %1$I to legacy_app; grant select, trigger on all tables in schema %1$I to cutover_runner', s.nspname);
         end loop;
       end $$`,
    );
  };
  return {
    ...database,
    grant,
    installed: async (ddl, tables, queries) => {
      await database.owner.query(ddl);
      await grant();
      const port = database.open(planOf(tables, queries));
      await port.install(nextOrder());
      return { port, writer: await database.appUser() };
    },
  };
}

function userWith(user: string, password: string): string {
  return `do $$ begin
    if to_regrole('${user}') is null then create role ${user} login; end if;
    alter role ${user} password '${password}';
  end $$`;
}

/** A plan's system with these tables and queries. */
export function planOf(tables: object, queries: object = {}): SqlSystem {
  return sqlSystemSchema.parse({ adapter: 'sql', rounding: 'halfUp', tables, queries });
}

/** A table that moves, with its account in a column. */
export function moves(column: string): object {
  return { disposition: 'move', account: { column } };
}

/** A table that moves, with its account in another table. */
export function lookup(column: unknown, table: string, key: unknown, account: string): object {
  return { disposition: 'move', account: { column, lookup: { table, key, account } } };
}
