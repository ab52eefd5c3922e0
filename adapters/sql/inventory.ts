import type { SqlSystem } from '../../domain/plan/systems.ts';
import { readCatalog } from './catalog.ts';
import type { Database, Run } from './database.ts';
import { planName, qualified, quoted, schemasOf } from './relations.ts';
import { standingTriggers, triggerFaults } from './standing.ts';
import { plannedTriggers } from './triggers.ts';

export interface Inventory {
  readonly tables: Readonly<Record<string, number | null>>;
  readonly statuses: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Every table of the plan's schemas, its rows counted where we may, and the documents counted by the plan's status expressions. */
export async function inventory(database: Database, plan: SqlSystem): Promise<Inventory> {
  return database.snapshot('inventory', async (run) => {
    const found = await run<{ schema: string; table: string; readable: boolean }>(
      `select n.nspname as schema, c.relname as table, has_table_privilege(c.oid, 'select') and not row_security_active(c.oid) as readable from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = any($1::text[]) and c.relkind in ('r', 'p', 'f') and not c.relispartition order by 1, 2`,
      [schemasOf(plan)],
    );
    const tables: Record<string, number | null> = {};
    for (const { readable, ...relation } of found) {
      const name = planName(plan, relation.schema, relation.table);
      tables[name] = null;
      if (!readable) continue;
      const [count] = await run<{ rows: string }>(`select count(*) as rows from ${quoted(relation)}`);
      tables[name] = Number(count?.rows);
    }
    const statuses: Record<string, Record<string, number>> = {};
    for (const [table, { sql }] of Object.entries(plan.statuses)) {
      // The probe names a planned table that is missing or may not be read.
      if (typeof tables[table] !== 'number') continue;
      const counts = await run<{ status: string | null; rows: string }>(
        `select (${sql})::text as status, count(*) as rows from ${qualified(plan.schema, table)} group by 1 order by 1`,
      );
      statuses[table] = Object.fromEntries(counts.map(({ status, rows }) => [status ?? 'null', Number(rows)]));
    }
    return { tables, statuses };
  });
}

const structure = `
  select format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' end,
      ' default ' || pg_get_expr(d.adbin, d.adrelid)) as line
    from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.oid = any($1::regclass[]) and a.attnum > 0 and not a.attisdropped
  union all
  select format('%s constraint %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
    from pg_class c join pg_constraint k on k.conrelid = c.oid where c.oid = any($1::regclass[]) and k.contype <> 'n'
  union all
  select format('%s trigger %s enabled=%s', c.relname, pg_get_triggerdef(t.oid), t.tgenabled)
    from pg_class c join pg_trigger t on t.tgrelid = c.oid join pg_proc p on p.oid = t.tgfoid join pg_namespace f on f.oid = p.pronamespace
    where c.oid = any($1::regclass[]) and not t.tgisinternal and f.nspname <> 'cutover'
  order by 1`;

/**
 * Columns, types, constraints and triggers of the tables named in the plan, a line each. Our own triggers in good order
 * leave no line, so that installing them is no drift; one that is missing or switched off after the installation is.
 */
export async function fingerprint(database: Database, plan: SqlSystem): Promise<string> {
  return database.snapshot('fingerprint', async (run) => {
    const lines = await run<{ line: string }>(structure, [Object.keys(plan.tables).map((table) => qualified(plan.schema, table))]);
    return [...lines.map(({ line }) => line), ...(await ownFaults(run, database, plan))].join('\n');
  });
}

async function ownFaults(run: Run, database: Database, plan: SqlSystem): Promise<readonly string[]> {
  const [there] = await run<{ log: string | null }>(`select to_regclass('cutover.change_log')::text as log`);
  if (plan.freeze === 'grants' || there?.log === null) return [];
  return triggerFaults(await plannedTriggers(run, database, await readCatalog(run, plan)), await standingTriggers(run));
}
