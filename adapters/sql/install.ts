import { AdapterError } from '../../contracts/failures.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { readCatalog, type Catalog } from './catalog.ts';
import type { Database, Run } from './database.ts';
import { takeInstall, takeRemoval } from './orders.ts';
import { accountPaths } from './account-sql.ts';
import { qualified, quoted } from './relations.ts';
import { functions, functionsAreOurs, tables, triggerFunction } from './schema.ts';
import { standingOf, standingTriggers, triggerFaults, type StandingTrigger } from './standing.ts';
import { tableFaults } from './table-faults.ts';
import { plannedTriggers, triggerStatement, type Trigger } from './triggers.ts';

/** Two runners that install at once would meet in the system catalogs; the number only has to be ours. */
const installLock = 'select pg_advisory_xact_lock(7305128846)';

/**
 * Makes our schema and triggers; what is there already is left alone, so that a repetition locks no table. Tables that came up below a guarded one
 * get their triggers now. A new trigger waits for the writers of its table (kind `locked` when they take too long).
 */
export async function install(database: Database, plan: SqlSystem, order: number): Promise<void> {
  await database.transaction('install', async (run) => {
    await run(installLock);
    await run(tables);
    await takeInstall(run, database, order);
    const catalog = await readCatalog(run, plan);
    await run(functions(catalog.user));
    if (plan.freeze === 'triggers') await installTriggers(run, database, catalog);
    await run(functionsAreOurs);
  });
}

async function installTriggers(run: Run, database: Database, catalog: Catalog): Promise<void> {
  const problems = await tableFaults(run, catalog);
  if (problems.length > 0) throw installFailure(database, 'invalidData', problems.join('; '));
  const planned = await plannedTriggers(run, database, catalog);
  const before = await standingTriggers(run);
  await makeFunctions(run, planned, before);
  await makeTriggers(run, planned, before);
  await fireAlways(run, planned);
  const faults = triggerFaults(planned, await standingTriggers(run));
  if (faults.length > 0)
    throw installFailure(
      database,
      'conflict',
      `${faults.join('; ')}; have the tables' owner switch the triggers on, or uninstall and install again`,
    );
  await knownAccounts(run, catalog);
}

/** A function that stands with other columns is changed while nothing is closed; what a freeze is judged by does not change under it. */
async function makeFunctions(run: Run, planned: readonly Trigger[], standing: readonly StandingTrigger[]): Promise<void> {
  const [held] = await run('select 1 as one from cutover.freeze limit 1');
  const bodies = new Map(planned.flatMap(({ func, body }) => (body === null ? [] : [[func, body] as const])));
  for (const [func, body] of bodies) {
    const found = standing.find((other) => other.func === func);
    if (found === undefined || (found.body !== body && held === undefined)) await run(triggerFunction(func, body));
  }
}

/** Makes those that are missing. One on a partitioned table may make others by itself, so what stands is asked again after each. */
async function makeTriggers(run: Run, planned: readonly Trigger[], before: readonly StandingTrigger[]): Promise<void> {
  let standing = before;
  for (const trigger of planned) {
    if (trigger.inherited || standingOf(standing, trigger) !== undefined) continue;
    await run(triggerStatement(trigger));
    if (trigger.relation.kind === 'p') standing = await standingTriggers(run);
  }
}

/** Lets them fire for a replica's session too where we may, as a member of the table's owner. */
async function fireAlways(run: Run, planned: readonly Trigger[]): Promise<void> {
  const tables = await run<{ oid: string }>(
    `select c.oid::text as oid from pg_class c where c.oid = any($1::oid[]) and pg_has_role(c.relowner, 'usage')`,
    [planned.map(({ relation }) => relation.oid)],
  );
  const ours = new Set(tables.map(({ oid }) => oid));
  const standing = await standingTriggers(run);
  for (const trigger of planned)
    if (ours.has(trigger.relation.oid) && standingOf(standing, trigger)?.enabled === 'O')
      await run(`alter table ${quoted(trigger.relation)} enable always trigger ${trigger.name}`);
}

/** Gives every account its row now, so that an older snapshot knows them. A name too long for an index is no account that anybody freezes. */
async function knownAccounts(run: Run, catalog: Catalog): Promise<void> {
  for (const [table, found] of await accountPaths(run, catalog)) {
    if ('problems' in found || found.sql.lookup) continue;
    await run(
      `insert into cutover.account (account)
       select distinct named.account from ${qualified(catalog.plan.schema, table)} cutover_row, lateral (${found.sql.accounts('cutover_row')}) as named (account)
       where octet_length(named.account) < 1000 on conflict do nothing`,
    );
  }
}

function installFailure(database: Database, kind: 'invalidData' | 'conflict', sentence: string): AdapterError {
  return new AdapterError(kind, `${database.system}: ${sentence}`, { system: database.system, operation: 'install' });
}

/**
 * Removes all that `install` made, but for the floor of orders.
 * Rejects with kind `conflict` while an account is frozen or sealed, because it would be open again without a word, and for an older order.
 */
export async function uninstall(database: Database, order: number): Promise<void> {
  await database.transaction('uninstall', async (run) => {
    await run(installLock);
    await takeRemoval(run, database, 'uninstall', order);
    const [there] = await run<{ freeze: string | null }>(`select to_regclass('cutover.freeze')::text as freeze`);
    if (there?.freeze === null) return;
    const [held] = await run<{ accounts: string }>(
      // Rights that were taken away are held by no clock, and only our schema remembers whose they were.
      'select count(distinct account) as accounts from cutover.freeze where sealed or lease_until > clock_timestamp() or exists (select from cutover.revoked)',
    );
    if (held?.accounts !== '0')
      throw new AdapterError(
        'conflict',
        `${database.system}: ${held?.accounts ?? 'some'} accounts are still frozen or sealed; lift them before the freeze is removed`,
        { system: database.system, operation: 'uninstall' },
      );
    await removeOurs(run);
  });
}

/** Drops our schema. The triggers go with their functions: dropping them one by one would take the tables' owner. */
export async function removeOurs(run: Run): Promise<void> {
  await run('drop schema if exists cutover cascade');
}
