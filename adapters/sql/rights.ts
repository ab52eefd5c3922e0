import type { Run } from './database.ts';

/**
 * Users with a login, superusers and ourselves aside, who can change a row of one of these tables: by a grant on the table or on a column, to them, to
 * everybody, to a role they are a member of (whether they inherit its rights or have to take it on), or by a right on all data.
 */
export async function writingUsers(run: Run, tables: readonly string[]): Promise<readonly string[]> {
  const users = await run<{ name: string }>(
    `with able as (
       select distinct r.oid from pg_roles r, pg_class c
       where c.oid = any($1::oid[])
         and (has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') or has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))
     )
     select r.rolname::text as name from pg_roles r
     where r.rolcanlogin and not r.rolsuper and r.rolname <> session_user and exists (select from able a where pg_has_role(r.oid, a.oid, 'member'))
     order by 1`,
    [tables],
  );
  return users.map(({ name }) => name);
}

/** Users with a login, superusers and ourselves aside, whose right to write no owner of a table can take away. */
export async function unstoppableUsers(run: Run): Promise<readonly string[]> {
  const users = await run<{ name: string }>(
    `select r.rolname::text as name from pg_roles r
     where r.rolcanlogin and not r.rolsuper and r.rolname <> session_user
       and exists (select from pg_roles a where (a.rolname = 'pg_write_all_data' or a.rolsuper) and pg_has_role(r.oid, a.oid, 'member'))
     order by 1`,
  );
  return users.map(({ name }) => name);
}

/** A right to write as it was given: on a table, or on one of its columns. */
export interface Grant extends Readonly<Record<string, unknown>> {
  /** The table, quoted for SQL. */
  readonly relation: string;
  /** The column, quoted for SQL; empty for the whole table. */
  readonly columns: string;
  /** The role, quoted for SQL; `public` for everybody. */
  readonly role: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

/** Every right to write to these tables that was given to anybody but us, the owner's own included. */
export async function writingGrants(run: Run, tables: readonly string[]): Promise<readonly Grant[]> {
  return run<Grant>(
    `with given as (
       select c.oid, '' as columns, a.grantee, a.privilege_type, a.is_grantable
         from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a where c.oid = any($1::oid[])
       union all
       select t.attrelid, quote_ident(t.attname), a.grantee, a.privilege_type, a.is_grantable
         from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = any($1::oid[]) and not t.attisdropped
     )
     select format('%I.%I', n.nspname, c.relname) as relation, g.columns, case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end as role,
       g.privilege_type as privilege, bool_or(g.is_grantable) as grantable
     from given g join pg_class c on c.oid = g.oid join pg_namespace n on n.oid = c.relnamespace left join pg_roles r on r.oid = g.grantee
     where g.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE') and r.rolname is distinct from session_user::text
     group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
    [tables],
  );
}

/** Takes rights away; those that depend on them go too. */
export async function revokeGrants(run: Run, grants: readonly Grant[]): Promise<void> {
  for (const grant of grants) await run(`revoke ${what(grant)} from ${grant.role} cascade`);
}

/** Gives rights back, but for tables, columns and roles that are gone. */
export async function giveBack(run: Run, grants: readonly Grant[]): Promise<void> {
  for (const grant of grants) {
    const [there] = await run<{ all: boolean }>(
      `select exists (
         select from pg_class c where c.oid = to_regclass($1)
           and ($2 = '' or exists (select from pg_attribute a where a.attrelid = c.oid and quote_ident(a.attname) = $2 and not a.attisdropped))
           and ($3 = 'public' or exists (select from pg_roles r where quote_ident(r.rolname) = $3))) as all`,
      [grant.relation, grant.columns, grant.role],
    );
    if (there?.all === true) await run(`grant ${what(grant)} to ${grant.role}${grant.grantable ? ' with grant option' : ''}`);
  }
}

function what({ privilege, columns, relation }: Grant): string {
  return `${privilege}${columns === '' ? '' : ` (${columns})`} on ${relation}`;
}
