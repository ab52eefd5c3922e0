import type { Probe } from '../../contracts/adapter.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { readCatalog } from './catalog.ts';
import type { Database, Run } from './database.ts';
import { accountIdentity } from './identity.ts';
import { loopholesAhead } from './loopholes.ts';
import { unstoppableUsers } from './rights.ts';
import { tableFaults } from './table-faults.ts';
import { tableProblems } from './table-rights.ts';

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
