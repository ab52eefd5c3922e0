import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { Database, Run } from './database.ts';
import { removeOurs } from './install.ts';
import { takeRemoval } from './orders.ts';

/**
 * Ends our part in the legacy database at the close. Where no user can write to the tables with accounts any more, because the rights were
 * taken away, our seals have nothing left to refuse, and all that `install` made is removed; rights we took away ourselves stay away.
 * Otherwise nothing is removed. Returns the users who can still write, by name; empty when it is handed over. Repeating it is safe. Rejects
 * with kind `conflict` where a newer order was taken.
 */
export async function handOver(database: Database, plan: SqlSystem, order: number): Promise<readonly string[]> {
  return database.transaction('handOver', async (run) => {
    await takeRemoval(run, database, 'handOver', order);
    const left = await writingUsers(run, plan);
    if (left.length === 0) await removeOurs(run);
    return left;
  });
}

/** Users with a login, administrators and the runner aside, who can change a row of a table with accounts, by whatever grant. */
async function writingUsers(run: Run, plan: SqlSystem): Promise<readonly string[]> {
  const tables = Object.entries(plan.tables)
    .filter(([, { account }]) => account !== undefined)
    .map(([table]) => table);
  const users = await run<{ name: string }>(
    `select distinct r.rolname as name
     from pg_roles r, pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = any($2::text[]) and r.rolcanlogin and not r.rolsuper and r.rolname <> session_user
       and (has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') or has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))
     order by 1`,
    [plan.schema, tables],
  );
  return users.map(({ name }) => name);
}
