import type { FreezeFence, FreezeOrder } from '../../contracts/source.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { Database, Run } from './database.ts';
import { enterFreeze, freezeConflict, freezeRows, freezeState, lapsedAccounts, liftFreeze, loosenSeal } from './freezer.ts';
import type { Freezer } from './freezer.ts';
import { takeOrder } from './orders.ts';
import { plannedTriggers, standingTriggers, triggerFaults } from './triggers.ts';

/** Freezes account by account with row triggers; the lease ends by itself because the triggers compare it with the clock. */
export function triggerFreezer(database: Database, plan: SqlSystem): Freezer {
  const faults = async (run: Run): Promise<readonly string[]> =>
    triggerFaults(await plannedTriggers(run, database, plan), await standingTriggers(run, plan));
  return {
    freeze: (order) => freeze(database, order),
    extend: (fence, leaseMs) => database.transaction('extend', (run) => extend(run, database, fence, leaseMs)),
    seal: (accounts, fence) => database.transaction('seal', async (run) => seal(run, database, await faults(run), accounts, fence)),
    unseal: (accounts, fence, leaseMs) => database.transaction('unseal', (run) => loosenSeal(run, database, accounts, fence, leaseMs)),
    thaw: (accounts, fence) => database.transaction('thaw', (run) => liftFreeze(run, database, accounts, fence)),
    states: (accounts) =>
      database.transaction('freezeStates', async (run) => {
        const inForce = (await faults(run)).length === 0;
        return (await freezeRows(run, accounts)).map((row) => freezeState(row, inForce));
      }),
  };
}

/**
 * Returns when the open writers of these accounts have ended. From the first commit on new writers are refused; then
 * each account's row is had in a transaction of its own, so that the wait for one account holds no other. Rejects with
 * kind `locked` when a writer stays open longer than a call may take (the freeze stands: repeat it), with `conflict`
 * when this generation's lease ended meanwhile.
 */
async function freeze(database: Database, order: FreezeOrder): Promise<void> {
  await database.transaction('freeze', async (run) => {
    await enterFreeze(run, database, order);
    await run('insert into cutover.account (account) select unnest($1::text[]) on conflict do nothing', [order.accounts]);
  });
  await database.run('freeze', 'update cutover.gate set closings = closings + 1');
  for (const account of order.accounts) {
    await database.transaction('freeze', async (run) => {
      await closeAccounts(run, [account]);
      await run('update cutover.freeze set drained = true where account = $1 and wave = $2 and generation = $3', [
        account,
        order.wave,
        order.generation,
      ]);
    });
  }
  const lapsed = await database.transaction('freeze', (run) => lapsedAccounts(run, order.accounts, order.wave, order.generation));
  if (lapsed.length > 0)
    throw freezeConflict(
      database,
      'freeze',
      `the lease of generation ${String(order.generation)} has ended for ${lapsed.join(', ')}; freeze again with a new generation and a longer lease`,
    );
}

/** The rows are had before the clock is read: whoever writes after the old lease's end waits here and then sees the new one. */
async function extend(run: Run, database: Database, fence: FreezeFence, leaseMs: number): Promise<boolean> {
  const { wave, generation } = fence;
  const rows = await run<{ account: string }>('select account from cutover.freeze where wave = $1 and generation = $2', [wave, generation]);
  const accounts = rows.map((row) => row.account);
  await takeOrder(run, database, 'extend', accounts, fence.order);
  await closeAccounts(run, accounts);
  if (accounts.length === 0 || (await lapsedAccounts(run, accounts, wave, generation)).length > 0) return false;
  await run(
    'update cutover.freeze set lease_until = greatest(lease_until, clock_timestamp() + make_interval(secs => $3::float8 / 1000)) where wave = $1 and generation = $2',
    [wave, generation, leaseMs],
  );
  return true;
}

/** `loose` names triggers that are not in force: then somebody may have written during the freeze. */
async function seal(
  run: Run,
  database: Database,
  loose: readonly string[],
  accounts: readonly string[],
  fence: FreezeFence,
): Promise<void> {
  await takeOrder(run, database, 'seal', accounts, fence.order);
  if (loose.length > 0)
    throw freezeConflict(
      database,
      'seal',
      `${loose.join('; ')}: writers may have got past the freeze; install again, freeze with a new generation and read the changes again`,
    );
  await closeAccounts(run, accounts);
  const lapsed = await lapsedAccounts(run, accounts, fence.wave, fence.generation);
  if (lapsed.length > 0)
    throw freezeConflict(
      database,
      'seal',
      `the lease of generation ${String(fence.generation)} no longer holds ${lapsed.join(', ')}; freeze again with a new generation and read the changes again`,
    );
  await run('update cutover.freeze set sealed = true where account = any($1::text[]) and wave = $2 and generation = $3', [
    accounts,
    fence.wave,
    fence.generation,
  ]);
}

/** Waits for the writers of these accounts, in the order every caller uses, and keeps others waiting until the commit. */
async function closeAccounts(run: Run, accounts: readonly string[]): Promise<void> {
  await run(
    'update cutover.account set closings = closings + 1 where account in (select account from cutover.account where account = any($1::text[]) order by account for update)',
    [accounts],
  );
}
