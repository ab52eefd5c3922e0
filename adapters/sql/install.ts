import { AdapterError } from '../../contracts/failures.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { Database, Run } from './database.ts';
import { takeInstall, takeRemoval } from './orders.ts';
import { accountSql } from './account-sql.ts';
import { qualified, quoted } from './relations.ts';
import { functions, functionsAreOurs, tables, triggerFunction } from './schema.ts';
import { standingOf, standingTriggers, triggerFaults } from './standing.ts';
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
    const [me] = await run<{ name: string }>('select session_user as name');
    await run(tables);
    await takeInstall(run, database, order);
    await run(functions(me?.name ?? ''));
    if (plan.freeze === 'triggers') await installTriggers(run, database, plan);
    await run(functionsAreOurs);
  });
}

async function installTriggers(run: Run, database: Database, plan: SqlSystem): Promise<void> {
  const problems = await tableFaults(run, plan);
  if (problems.length > 0) throw installFailure(database, 'invalidData', problems.join('; '));
  const planned = await plannedTriggers(run, database, plan);
  await makeFunctions(run, planned, await standingTriggers(run));
  for (const trigger of planned) await makeTrigger(run, trigger);
  const faults = triggerFaults(planned, await standingTriggers(run));
  if (faults.length > 0)
    throw installFailure(
      database,
      'conflict',
      `${faults.join('; ')}; have the tables' owner switch the triggers on, or uninstall and install again`,
    );
  await knownAccounts(run, plan);
}

/** A function that stands with other columns is changed while nothing is closed; what a freeze is judged by does not change under it. */
async function makeFunctions(run: Run, planned: readonly Trigger[], standing: Awaited<ReturnType<typeof standingTriggers>>): Promise<void> {
  const [held] = await run('select 1 as one from cutover.freeze limit 1');
  const bodies = new Map(planned.flatMap(({ func, body }) => (body === null ? [] : [[func, body] as const])));
  for (const [func, body] of bodies) {
    const found = standing.find((other) => other.func === func);
    if (found === undefined || (found.body !== body && held === undefined)) await run(triggerFunction(func, body));
  }
}

/** Makes it where it is missing, and lets it fire for a replica's session too where we may, as a member of the table's owner. */
async function makeTrigger(run: Run, trigger: Trigger): Promise<void> {
  const { relation, name, inherited } = trigger;
  const found = async (): Promise<string | undefined> => standingOf(await standingTriggers(run), trigger)?.enabled;
  if ((await found()) === undefined && !inherited) await run(triggerStatement(trigger));
  const [owner] = await run<{ ours: boolean }>(`select pg_has_role(relowner, 'usage') as ours from pg_class where oid = $1::oid`, [
    relation.oid,
  ]);
  if (owner?.ours === true && (await found()) === 'O') await run(`alter table ${quoted(relation)} enable always trigger ${name}`);
}

/** Gives every account its row now, so that an older snapshot knows them. A name too long for an index is no account that anybody freezes. */
async function knownAccounts(run: Run, plan: SqlSystem): Promise<void> {
  for (const [table, { account }] of Object.entries(plan.tables)) {
    if (account === undefined || 'lookup' in account) continue;
    const found = await accountSql(run, plan, table, account);
    if ('problems' in found) continue;
    await run(
      `insert into cutover.account (account)
       select distinct named.account from ${qualified(plan.schema, table)} cutover_row, lateral (${found.sql.accounts('cutover_row')}) as named (account)
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
