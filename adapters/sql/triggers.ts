import { escapeIdentifier, escapeLiteral } from 'pg';
import { AdapterError } from '../../contracts/failures.ts';
import type { AccountPath, SqlSystem } from '../../domain/plan/systems.ts';
import type { Database, Run } from './database.ts';

/** A trigger of ours on a table of the legacy system. */
export interface Trigger {
  readonly table: string;
  readonly name: string;
  /** The three values its function reads: account column, lookup statement, key columns. */
  readonly arguments: readonly string[];
  readonly statement: string;
}

/** BEFORE triggers run in the order of their names: ours is last and judges the row as the others leave it. */
const guardName = 'zz_cutover_guard';

/**
 * The triggers a plan calls for: guards on the tables with an account path, change logs on the tables that move.
 * Rejects with kind `notFound` for a table or column that is missing, `invalidData` for a table without a primary key.
 */
export async function plannedTriggers(run: Run, database: Database, plan: SqlSystem): Promise<readonly Trigger[]> {
  const planned: Trigger[] = [];
  for (const [table, { account, disposition }] of Object.entries(plan.tables)) {
    const logged = disposition === 'move';
    if (account === undefined && !logged) continue;
    const lookup = account === undefined ? '' : await lookupStatement(run, database, plan.schema, table, account);
    const args = [account?.column ?? '', lookup, logged ? await keyColumns(run, database, plan.schema, table, account) : ''];
    const make = (name: string, event: string, func: string): Trigger => ({
      table,
      name,
      arguments: args,
      statement: `create trigger ${name} ${event} on ${qualified(plan.schema, table)} ${event.endsWith('truncate') ? 'for each statement' : 'for each row'} execute function cutover.${func}(${args.map(escapeLiteral).join(', ')})`,
    });
    if (account !== undefined)
      planned.push(
        make(guardName, 'before insert or update or delete', 'guard'),
        make(`${guardName}_truncate`, 'before truncate', 'guard_truncate'),
      );
    // Named to come after the guard, so that a refused TRUNCATE is not written down.
    if (logged)
      planned.push(
        make('zz_cutover_log', 'after insert or update or delete', 'log_change'),
        make('zz_cutover_log_truncate', 'before truncate', 'log_truncate'),
      );
  }
  return planned;
}

export function qualified(schema: string, table: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}

interface StandingTrigger extends Readonly<Record<string, unknown>> {
  readonly table: string;
  readonly name: string;
  readonly args: string;
  readonly enabled: boolean;
}

/** Our triggers as they stand in the database. `args` are joined by NUL, which PostgreSQL shows as `\000`. */
export async function standingTriggers(run: Run, plan: SqlSystem): Promise<readonly StandingTrigger[]> {
  return run<StandingTrigger>(
    `select c.relname as table, t.tgname as name, encode(t.tgargs, 'escape') as args, t.tgenabled in ('O', 'A') as enabled
     from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
       join pg_proc p on p.oid = t.tgfoid join pg_namespace f on f.oid = p.pronamespace
     where n.nspname = $1 and f.nspname = 'cutover' and not t.tgisinternal order by 1, 2`,
    [plan.schema],
  );
}

/** Sentences about planned triggers that are missing, switched off or made for another plan; none when all are in force. */
export function triggerFaults(planned: readonly Trigger[], standing: readonly StandingTrigger[]): readonly string[] {
  return planned.flatMap((trigger) => {
    const found = standing.find((other) => other.table === trigger.table && other.name === trigger.name);
    if (found === undefined) return [`trigger ${trigger.name} on table ${trigger.table} is missing`];
    if (!found.enabled) return [`trigger ${trigger.name} on table ${trigger.table} is switched off`];
    return found.args === standingForm(trigger) ? [] : [`trigger ${trigger.name} on table ${trigger.table} was made for other columns`];
  });
}

function standingForm(trigger: Trigger): string {
  return trigger.arguments.map((argument) => `${argument.replaceAll('\\', '\\\\')}\\000`).join('');
}

async function lookupStatement(run: Run, database: Database, schema: string, table: string, path: AccountPath): Promise<string> {
  await columnType(run, database, schema, table, path.column);
  if (!('lookup' in path)) return '';
  const { table: parent, key, account } = path.lookup;
  const type = await columnType(run, database, schema, parent, key);
  await columnType(run, database, schema, parent, account);
  return `select p.${escapeIdentifier(account)}::text from ${qualified(schema, parent)} p where p.${escapeIdentifier(key)} = $1::${type}`;
}

/** A child row is written down under its parent's key, since the parent is the record that is read and carried; others under their primary key. */
async function keyColumns(run: Run, database: Database, schema: string, table: string, path: AccountPath | undefined): Promise<string> {
  if (path !== undefined && 'lookup' in path) return path.column;
  const rows = await run<{ name: string }>(
    `select a.attname as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
     where i.indrelid = to_regclass($1) and i.indisprimary order by array_position(i.indkey::int2[], a.attnum)`,
    [qualified(schema, table)],
  );
  if (rows.length > 0) return rows.map((row) => row.name).join(',');
  throw new AdapterError(
    'invalidData',
    `${database.system}: table ${table} has no primary key, so its changes cannot be told apart; give it one or change its disposition`,
    { system: database.system, operation: 'install' },
  );
}

async function columnType(run: Run, database: Database, schema: string, table: string, column: string): Promise<string> {
  const rows = await run<{ type: string }>(
    'select format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped',
    [qualified(schema, table), column],
  );
  const type = rows[0]?.type;
  if (type !== undefined) return type;
  throw new AdapterError(
    'notFound',
    `${database.system}: there is no column ${column} in table ${table}; correct the table's account path in the plan`,
    { system: database.system, operation: 'install' },
  );
}
