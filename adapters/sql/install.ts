import { AdapterError } from '../../contracts/failures.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { Database, Run } from './database.ts';
import { takeInstall, takeRemoval } from './orders.ts';
import { functions, tables } from './schema.ts';
import { plannedTriggers, qualified, standingTriggers, triggerFaults } from './triggers.ts';

/** Two runners that install at once would meet in the system catalogs; the number only has to be ours. */
const installLock = 'select pg_advisory_xact_lock(7305128846)';

/**
 * Makes our schema and triggers; what is there already is left alone, so that a repetition locks no table.
 * A new trigger waits for the writers of its table (kind `locked` when they take too long).
 */
export async function install(database: Database, plan: SqlSystem, order: number): Promise<void> {
  await database.transaction('install', async (run) => {
    await run(installLock);
    const [me] = await run<{ name: string }>('select session_user as name');
    await run(tables);
    await takeInstall(run, database, order);
    await run(functions(me?.name ?? ''));
    if (plan.freeze === 'grants') return;
    const planned = await plannedTriggers(run, database, plan);
    const standing = await standingTriggers(run, plan);
    for (const trigger of planned) {
      if (!standing.some((other) => other.table === trigger.table && other.name === trigger.name)) await run(trigger.statement);
    }
    const faults = triggerFaults(planned, await standingTriggers(run, plan));
    if (faults.length > 0)
      throw new AdapterError(
        'conflict',
        `${database.system}: ${faults.join('; ')}; have the tables' owner switch the triggers on, or uninstall and install again`,
        { system: database.system, operation: 'install' },
      );
    await knownAccounts(run, plan);
  });
}

/** Gives every account its row now, so that the first writers of one account need not wait for each other. */
async function knownAccounts(run: Run, plan: SqlSystem): Promise<void> {
  for (const [table, { account }] of Object.entries(plan.tables)) {
    if (account === undefined || 'lookup' in account) continue;
    await run(
      `insert into cutover.account (account) select distinct ${account.column}::text from ${qualified(plan.schema, table)} where ${account.column} is not null on conflict do nothing`,
    );
  }
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
