import type { Probe } from '../../contracts/adapter.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { readCatalog } from './catalog.ts';
import type { Database, Run } from './database.ts';
import { accountIdentity } from './identity.ts';
import { loopholesAhead } from './loopholes.ts';
import { qualified } from './relations.ts';
import { unstoppableUsers } from './rights.ts';
import { tableFaults } from './table-faults.ts';

interface Facts extends Readonly<Record<string, unknown>> {
  readonly instance: string;
  readonly version: string;
  readonly number: string;
  readonly user: string;
  readonly now: string;
  readonly excess: string | null;
  readonly may_create: boolean;
  readonly schema_owner: string | null;
  readonly order_owner: string | null;
}

const facts = `
  select (select system_identifier::text from pg_control_system()) || '/' || d.oid::text || '/' || d.datname as instance,
    current_setting('server_version') as version, current_setting('server_version_num') as number,
    session_user::text as user, clock_timestamp() as now,
    (select nullif(concat_ws(', ', case when rolsuper then 'superuser' end, case when rolcreaterole then 'createrole' end, case when rolreplication then 'replication' end), '')
       from pg_roles where rolname = session_user) as excess,
    has_database_privilege(d.oid, 'create') as may_create,
    (select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = 'cutover') as schema_owner,
    (select pg_get_userbyid(nspowner)::text from pg_namespace where nspname = 'cutover_order') as order_owner
  from pg_database d where d.datname = current_database()`;

/** Oldest server the triggers and the change log are written for: 64-bit transaction ids need 13, the plan's support starts at 14. */
const oldestVersion = 140_000;

/** Who we are and what we lack. `clockSkewMs` is exact to half the round trip of one statement. */
export async function probe(database: Database, plan: SqlSystem): Promise<Probe> {
  return database.transaction('probe', async (run) => {
    await run('select 1');
    const before = Date.now();
    const [found] = await run<Facts>(facts);
    const middle = (before + Date.now()) / 2;
    if (found === undefined) throw new Error('PostgreSQL does not list the database it is connected to');
    const tables = await tableProblems(run, plan, found.user);
    // How accounts are written and who gets past the guard is read from the tables themselves: first they must be there and readable.
    const guard = tables.length > 0 ? [] : await guardProblems(run, plan);
    return {
      instance: `postgresql:${found.instance}`,
      version: found.version,
      user: found.user,
      clockSkewMs: Math.round(Date.parse(found.now) - middle),
      problems: [...userProblems(found), ...tables, ...guard].map((problem) => `${database.system}: ${problem}`),
    };
  });
}

function userProblems(found: Facts): readonly string[] {
  const problems: string[] = [];
  if (Number(found.number) < oldestVersion) problems.push(`PostgreSQL ${found.version} is too old; version 14 or later is needed`);
  if (found.excess !== null)
    problems.push(
      `User ${found.user} has too many rights (${found.excess}); use a user of the runner's own with only the rights the documentation lists`,
    );
  if (found.schema_owner === null && !found.may_create)
    problems.push(`User ${found.user} may not create the schema cutover; run: grant create on database ... to ${found.user}`);
  if (found.schema_owner !== null && found.schema_owner !== found.user)
    problems.push(`The schema cutover belongs to ${found.schema_owner}; uninstall it as that user, or use that user`);
  if (found.order_owner !== null && found.order_owner !== found.user)
    problems.push(`The schema cutover_order belongs to ${found.order_owner}; drop it, it only remembers the last order, or use that user`);
  return problems;
}

/** What keeps our triggers from guarding every way a row can be written. */
async function guardProblems(run: Run, plan: SqlSystem): Promise<readonly string[]> {
  const catalog = await readCatalog(run, plan);
  if (plan.freeze === 'grants') {
    const able = await unstoppableUsers(run);
    const rights = `Freeze: grants cannot keep ${able.join(', ')} from writing, who may write all data (pg_write_all_data, or as a superuser); take that right away, or choose freeze: triggers`;
    return [...accountIdentity(catalog).problems, ...(able.length > 0 ? [rights] : [])];
  }
  return [...(await tableFaults(run, catalog)), ...(await loopholesAhead(run, catalog))];
}

/** A table as a person's statement names it: quoted where PostgreSQL needs it, with its schema where that is not `public`. */
const spelled = `case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end`;

interface TableRights extends Readonly<Record<string, unknown>> {
  readonly there: boolean;
  /** As a statement names it; null where it is not there. */
  readonly name: string | null;
  readonly may_read: boolean | null;
  readonly is_owner: boolean | null;
  readonly row_policies: boolean | null;
}

async function tableProblems(run: Run, plan: SqlSystem, user: string): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [table, { disposition, account }] of Object.entries(plan.tables)) {
    const [rights] = await run<TableRights>(
      `select c.oid is not null as there, case when c.oid is not null then ${spelled} end as name, has_table_privilege(c.oid, 'select') as may_read,
         pg_has_role(c.relowner, 'usage') as is_owner, row_security_active(c.oid) as row_policies
       from (select to_regclass($1) as oid) t left join pg_class c on c.oid = t.oid left join pg_namespace n on n.oid = c.relnamespace`,
      [qualified(plan.schema, table)],
    );
    if (rights?.there !== true) problems.push(`Table ${table} does not exist in schema ${plan.schema}; correct the plan`);
    else if (rights.may_read !== true)
      problems.push(`User ${user} may not read table ${table}; run: grant select on ${rights.name ?? table} to ${user}`);
    if (rights?.there === true && rights.row_policies === true)
      problems.push(
        `The row security of table ${table} hides rows from user ${user}; run: alter role ${user} bypassrls, or remove it from the table`,
      );
    if (rights?.there === true && plan.freeze === 'triggers' && (account !== undefined || disposition === 'move'))
      problems.push(...(await triggerProblems(run, qualified(plan.schema, table), user)));
    if (rights?.there === true && plan.freeze === 'grants' && account !== undefined && rights.is_owner !== true)
      problems.push(`User ${user} cannot revoke rights on table ${table}; make it a member of the table's owner`);
  }
  return problems;
}

/** Tables, of this one and all that are below it, on which the user may not put a trigger, in one sentence. PostgreSQL judges each partition by its own rights. */
async function triggerProblems(run: Run, table: string, user: string): Promise<readonly string[]> {
  const closed = await run<{ name: string }>(
    `with recursive below as (
       select $1::regclass::oid as oid
       union select i.inhrelid from below b join pg_inherits i on i.inhparent = b.oid
     )
     select ${spelled} as name
     from below b join pg_class c on c.oid = b.oid join pg_namespace n on n.oid = c.relnamespace
     where not has_table_privilege(c.oid, 'trigger') order by n.nspname, c.relname`,
    [table],
  );
  if (closed.length === 0) return [];
  const names = closed.map(({ name }) => name).join(', ');
  const on = closed.length === 1 ? `table ${names}` : `tables ${names}`;
  return [`User ${user} may not put a trigger on ${on}; run: grant trigger on ${names} to ${user}, or choose freeze: grants`];
}
