import { columnsOf } from '../../domain/plan/systems.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { accountPaths, type AccountSql } from './account-sql.ts';
import type { Catalog } from './catalog.ts';
import type { Database, Run } from './database.ts';
import { guardBody } from './guard.ts';
import { logBody, logTruncateBody, type Logged } from './log.ts';
import { quoted, type Relation } from './relations.ts';

/** A trigger of ours, on a table of the legacy system or on one below it. */
export interface Trigger {
  readonly relation: Relation;
  readonly name: string;
  readonly func: string;
  /** The body of its function; null for one that all tables share. */
  readonly body: string | null;
  readonly event: string;
  /** Made by PostgreSQL itself, because the table is a partition. */
  readonly inherited: boolean;
  /** Whether it stands on a table below the one that the plan names. */
  readonly below: boolean;
}

const rowEvent = 'after insert or update or delete';

/**
 * The triggers a plan calls for, on its tables and on all that are below them now: guards where rows have accounts, change logs where they move.
 * AFTER triggers see what is stored; among them the order does not matter. The log of a TRUNCATE comes after its guard, by name.
 * Rejects with kind `notFound` for a table or column that is missing, `invalidData` for one that cannot be guarded.
 */
export async function plannedTriggers(run: Run, database: Database, catalog: Catalog): Promise<readonly Trigger[]> {
  const { plan } = catalog;
  const paths = await accountPaths(run, catalog);
  const planned: Trigger[] = [];
  for (const [name, { account, disposition }] of Object.entries(plan.tables)) {
    const logged = disposition === 'move';
    if (account === undefined && !logged) continue;
    const relation = catalog.relation(name);
    if (relation === undefined) throw refused(database, 'notFound', `there is no table ${name} in schema ${plan.schema}; correct the plan`);
    const path = paths.get(name);
    if (path !== undefined && 'problems' in path) throw refused(database, 'invalidData', path.problems.join('; '));
    const sql = path?.sql ?? null;
    const log = logged ? logOf(database, catalog, relation, sql) : null;
    planned.push(...triggersOf(relation, relation, sql, log));
    for (const heir of catalog.heirs(relation)) {
      // What the plan says of a table below comes before what it says of the one above.
      const own = plan.tables[heir.name];
      planned.push(...triggersOf(relation, heir, own?.account === undefined ? sql : null, own?.disposition === 'move' ? null : log));
    }
  }
  return planned;
}

function triggersOf(root: Relation, relation: Relation, account: AccountSql | null, log: Logged | null): readonly Trigger[] {
  const below = relation.oid !== root.oid;
  const row = { relation, event: rowEvent, inherited: relation.partition && below, below };
  const truncate = { relation, event: 'before truncate', inherited: false, below };
  const triggers: Trigger[] = [];
  if (account !== null)
    triggers.push(
      { ...row, name: 'zz_cutover_guard', func: `guard_${root.oid}`, body: guardBody(root.name, account) },
      { ...truncate, name: 'zz_cutover_guard_truncate', func: 'guard_truncate', body: null },
    );
  if (log !== null)
    triggers.push(
      { ...row, name: 'zz_cutover_log', func: `log_${root.oid}`, body: logBody(log) },
      { ...truncate, name: 'zz_cutover_log_truncate', func: `log_truncate_${root.oid}`, body: logTruncateBody(log) },
    );
  return triggers;
}

/** The statement that makes a trigger. */
export function triggerStatement({ relation, name, func, event }: Trigger): string {
  const each = event.endsWith('truncate') ? 'statement' : 'row';
  return `create trigger ${name} ${event} on ${quoted(relation)} for each ${each} execute function cutover.${func}()`;
}

/** A child row is written down under its parent's key, since the parent is the record that is read and carried; others under their primary key. */
function logOf(database: Database, catalog: Catalog, relation: Relation, account: AccountSql | null): Logged {
  const logged = { table: relation.name, account, runner: catalog.user };
  const path = catalog.plan.tables[relation.name]?.account;
  if (path !== undefined && 'lookup' in path) return { ...logged, key: columnsOf(path.column) };
  const key = catalog.primaryKey(relation.name);
  if (key.length > 0) return { ...logged, key };
  throw refused(
    database,
    'invalidData',
    `table ${relation.name} has no primary key, so its changes cannot be told apart; give it one or change its disposition`,
  );
}

function refused(database: Database, kind: 'notFound' | 'invalidData', sentence: string): AdapterError {
  return new AdapterError(kind, `${database.system}: ${sentence}`, { system: database.system, operation: 'install' });
}
