import { guardedRelations, type Catalog } from './catalog.ts';
import type { Run } from './database.ts';
import { standingOf, standingTriggers, type StandingTrigger } from './standing.ts';
import type { Trigger } from './triggers.ts';

/**
 * Ways past our triggers that are open to others than superusers, a sentence each. Triggers that fire always leave none; where the tables' owner
 * has not made them so, a session in replica mode does not fire them.
 */
export async function loopholes(run: Run, planned: readonly Trigger[], standing: readonly StandingTrigger[]): Promise<readonly string[]> {
  const guards = planned.filter(({ name }) => name.startsWith('zz_cutover_guard'));
  const open = guards.filter((trigger) => standingOf(standing, trigger)?.enabled !== 'A');
  const tables = new Map(open.map(({ relation }) => [relation.oid, relation.name]));
  return replicaSessions(run, tables);
}

/** The same before the installation: our triggers fire always where we may make them so, as a member of the table's owner. */
export async function loopholesAhead(run: Run, catalog: Catalog): Promise<readonly string[]> {
  const relations = guardedRelations(catalog);
  const ours = await run<{ oid: string }>(
    `select c.oid::text as oid from pg_class c where c.oid = any($1::oid[]) and pg_has_role(c.relowner, 'usage')`,
    [relations.map(({ oid }) => oid)],
  );
  const standing = (await standingTriggers(run)).filter(({ name, enabled }) => name === 'zz_cutover_guard' && enabled === 'A');
  const firm = new Set([...ours, ...standing].map(({ oid }) => oid));
  const tables = new Map(relations.filter(({ oid }) => !firm.has(oid)).map(({ oid, name }) => [oid, name]));
  return [...(await replicaSessions(run, tables)), ...(await publications(run))];
}

async function replicaSessions(run: Run, tables: ReadonlyMap<string, string>): Promise<readonly string[]> {
  if (tables.size === 0) return [];
  const [version] = await run<{ number: string }>(`select current_setting('server_version_num') as number`);
  const ways = await run<{ way: string }>(
    `select format('role %s may set session_replication_role', rolname) as way from pg_roles
       where not rolsuper and ${Number(version?.number) < 150_000 ? 'false' : `has_parameter_privilege(oid, 'session_replication_role', 'set')`}
     union all
     select format('session_replication_role = replica is set for %s', coalesce(nullif(concat_ws(' in ', 'role ' || r.rolname, 'database ' || d.datname), ''), 'every session'))
       from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole left join pg_database d on d.oid = s.setdatabase
       where 'session_replication_role=replica' = any(s.setconfig) and (s.setdatabase = 0 or d.datname = current_database())
     union all
     select format('function %s runs with session_replication_role = replica', p.oid::regprocedure) from pg_proc p
       where 'session_replication_role=replica' = any(p.proconfig)
     union all
     select format('a subscription writes to table %s', r.srrelid::regclass) from pg_subscription_rel r where r.srrelid = any($1::oid[])
     order by 1`,
    [[...tables.keys()]],
  );
  if (ways.length === 0) return [];
  const always = [...tables.values()].map(
    (name) => `alter table ${name} enable always trigger zz_cutover_guard, enable always trigger zz_cutover_guard_truncate`,
  );
  return [
    `Writers can get past our triggers (${ways.map(({ way }) => way).join('; ')}); take that away, or have the owner run, after the installation: ${always.join('; ')}`,
  ];
}

/** A publication of all tables would publish ours as well. */
async function publications(run: Run): Promise<readonly string[]> {
  const rows = await run<{ name: string }>('select pubname as name from pg_publication where puballtables order by 1');
  return rows.map(
    ({ name }) =>
      `Publication ${name} publishes all tables, those of our schema cutover too, and its subscribers would stop at a table they do not have; let it name its tables or schemas`,
  );
}
