import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { Run } from './database.ts';
import { qualified } from './relations.ts';

/** A table as a person's statement names it: quoted where PostgreSQL needs it, with its schema where that is not `public`. */
const spelled = `case when n.nspname = 'public' then format('%I', c.relname) else format('%I.%I', n.nspname, c.relname) end`;

interface TableRights extends Readonly<Record<string, unknown>> {
  readonly there: boolean;
  /** As a statement names it; null where it is not there. */
  readonly name: string | null;
  readonly may_read: boolean | null;
  readonly is_owner: boolean | null;
  readonly row_policies: boolean | null;
  /** The tables, of this one and all that are below it, on which the user may not put a trigger. PostgreSQL judges each partition by its own rights. */
  readonly closed: readonly string[];
}

const tableRights = `with recursive asked as (
    select place, to_regclass(name)::oid as oid from unnest($1::text[]) with ordinality as named (name, place)
  ), below as (
    select place, oid from asked
    union select b.place, i.inhrelid from below b join pg_inherits i on i.inhparent = b.oid
  )
  select c.oid is not null as there, case when c.oid is not null then ${spelled} end as name, has_table_privilege(c.oid, 'select') as may_read,
    pg_has_role(c.relowner, 'usage') as is_owner, row_security_active(c.oid) as row_policies,
    (select coalesce(json_agg(${spelled} order by n.nspname, c.relname), '[]')
       from below b join pg_class c on c.oid = b.oid join pg_namespace n on n.oid = c.relnamespace
       where b.place = a.place and not has_table_privilege(c.oid, 'trigger')) as closed
  from asked a left join pg_class c on c.oid = a.oid left join pg_namespace n on n.oid = c.relnamespace order by a.place`;

/** What keeps the user from the tables of the plan, a sentence each, asked in one statement. */
export async function tableProblems(run: Run, plan: SqlSystem, user: string): Promise<readonly string[]> {
  const tables = Object.entries(plan.tables);
  const found = await run<TableRights>(tableRights, [tables.map(([table]) => qualified(plan.schema, table))]);
  return tables.flatMap(([table, { disposition, account }], index) => {
    const rights = found[index];
    if (rights?.there !== true) return [`Table ${table} does not exist in schema ${plan.schema}; correct the plan`];
    const problems: string[] = [];
    if (rights.may_read !== true)
      problems.push(`User ${user} may not read table ${table}; run: grant select on ${rights.name ?? table} to ${user}`);
    if (rights.row_policies === true)
      problems.push(
        `The row security of table ${table} hides rows from user ${user}; run: alter role ${user} bypassrls, or remove it from the table`,
      );
    if (plan.freeze === 'triggers' && (account !== undefined || disposition === 'move')) problems.push(...triggerProblems(rights, user));
    if (plan.freeze === 'grants' && account !== undefined && rights.is_owner !== true)
      problems.push(`User ${user} cannot revoke rights on table ${table}; make it a member of the table's owner`);
    return problems;
  });
}

/** In one sentence. */
function triggerProblems({ closed }: TableRights, user: string): readonly string[] {
  if (closed.length === 0) return [];
  const names = closed.join(', ');
  const on = closed.length === 1 ? `table ${names}` : `tables ${names}`;
  return [`User ${user} may not put a trigger on ${on}; run: grant trigger on ${names} to ${user}, or choose freeze: grants`];
}
