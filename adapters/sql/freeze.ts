import type { FreezeFence, FreezeOrder } from '../../contracts/source.ts';
import { listedNames } from '../../domain/listed.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { acting } from './acting.ts';
import { guardedRelations, readCatalog } from './catalog.ts';
import type { Database, Run } from './database.ts';
import { writersEnded } from './drain.ts';
import { enterFreeze, freezeConflict, freezeRows, freezeState, lapsedAccounts, liftFreeze, loosenSeal } from './freezer.ts';
import type { Freezer } from './freezer.ts';
import { loopholes } from './loopholes.ts';
import { takeOrder } from './orders.ts';
import { standingTriggers, triggerFaults } from './standing.ts';
import { plannedTriggers } from './triggers.ts';

/** Freezes account by account with row triggers; the lease ends by itself because the triggers compare it with the clock. */
export function triggerFreezer(database: Database, plan: SqlSystem): Freezer {
  return {
    freeze: (order) => freeze(database, plan, order),
    extend: (fence, leaseMs) => extend(database, fence, leaseMs),
    seal: (accounts, fence) => seal(database, plan, accounts, fence),
    unseal: (accounts, fence, leaseMs) =>
      acting(database, 'unseal', plan, accounts, (run, written) => loosenSeal(run, database, written, fence, leaseMs)),
    thaw: (accounts, fence) => acting(database, 'thaw', plan, accounts, (run, written) => liftFreeze(run, database, written, fence)),
    states: (accounts) =>
      acting(database, 'freezeStates', plan, accounts, async (run, written, catalog) => {
        // A new partition gets its row triggers by itself; that its TRUNCATE is not guarded yet stops the next seal, and opens no account.
        const planned = (await plannedTriggers(run, database, catalog)).filter(({ below, event }) => !below || !event.endsWith('truncate'));
        const loose = triggerFaults(planned, await standingTriggers(run));
        return (await freezeRows(run, written)).map((row) => freezeState(row, loose));
      }),
  };
}

/**
 * Returns when every writer has ended that could have passed before. From the first commit on, transactions that began later are refused; those
 * that began earlier may finish until `strict` is set, so that nobody's order is cut in half. Three waits, each for what was open at its start:
 * for those who wrote before the freeze was seen; for those who wrote before `strict` was seen; for those who meanwhile found the account of a
 * line through an order that one of these was still moving. Rejects with kind `locked` when a writer stays open longer than a call may take (the
 * freeze stands: repeat it), with `conflict` when this generation's lease ended meanwhile.
 */
async function freeze(database: Database, plan: SqlSystem, order: FreezeOrder): Promise<void> {
  const { wave, generation } = order;
  const deadline = performance.now() + database.timeoutMs;
  const { accounts, tables } = await acting(database, 'freeze', plan, order.accounts, async (run, written, catalog) => {
    await enterFreeze(run, database, { ...order, accounts: written });
    await noteClosing(run, written);
    return { accounts: written, tables: guardedRelations(catalog).map(({ oid }) => oid) };
  });
  await showClosing(database);
  await writersEnded(database, tables, deadline);
  const mark = (column: 'strict' | 'drained'): Promise<unknown> =>
    database.run('freeze', `update cutover.freeze set ${column} = true where account = any($1::text[]) and wave = $2 and generation = $3`, [
      accounts,
      wave,
      generation,
    ]);
  await mark('strict');
  await writersEnded(database, tables, deadline);
  await writersEnded(database, tables, deadline);
  await mark('drained');
  const lapsed = await database.transaction('freeze', (run) => lapsedAccounts(run, accounts, wave, generation));
  if (lapsed.length > 0)
    throw freezeConflict(
      database,
      'freeze',
      `the lease of generation ${String(generation)} has ended for ${listedNames(lapsed)}; freeze again with a new generation and a longer lease`,
    );
}

/** Writes down that something is closed from this transaction on: see `gate`, `closing` and `account` in our schema. */
async function noteClosing(run: Run, accounts: readonly string[]): Promise<void> {
  await run(
    `insert into cutover.account as held (account) select account from (select distinct unnest($1::text[]) as account order by 1) as named
     on conflict (account) do update set closings = held.closings + 1`,
    [accounts],
  );
  await run('update cutover.gate set closings = closings + 1');
}

/** The number only has to be ours. */
const closingLock = 'select pg_advisory_xact_lock(7305128847)';

/** Shows the newest closing to transactions with an older snapshot; what they wrote before this, they wrote before the closing counts. */
async function showClosing(database: Database): Promise<void> {
  await database.transaction('freeze', async (run) => {
    await run(closingLock);
    await run(`select setval('cutover.closing', greatest(c.last_value, g.closings)) from cutover.closing c, cutover.gate g`);
  });
}

/**
 * A longer lease counts only once it was seen in force before the old one ended: in between, a writer would have passed. A lease whose longer end
 * came too late still refuses writers until then, and can be neither prolonged nor sealed.
 */
async function extend(database: Database, fence: FreezeFence, leaseMs: number): Promise<boolean> {
  const { wave, generation } = fence;
  const accounts = await database.transaction('extend', async (run) => {
    const rows = await run<{ account: string }>('select account from cutover.freeze where wave = $1 and generation = $2', [
      wave,
      generation,
    ]);
    const held = rows.map((row) => row.account);
    await takeOrder(run, database, 'extend', held, fence.order);
    if ((await lapsedAccounts(run, held, wave, generation)).length > 0) return [];
    await run(
      'update cutover.freeze set lease_until = greatest(lease_until, clock_timestamp() + make_interval(secs => $3::float8 / 1000)) where wave = $1 and generation = $2',
      [wave, generation, leaseMs],
    );
    await noteClosing(run, held);
    return held;
  });
  if (accounts.length === 0) return false;
  await showClosing(database);
  const proven = await database.run(
    'extend',
    `update cutover.freeze set proven_until = greatest(proven_until, lease_until)
     where wave = $1 and generation = $2 and account = any($3::text[]) and proven_until > clock_timestamp() returning 1 as one`,
    [wave, generation, accounts],
  );
  return proven.length === accounts.length;
}

/** A seal counts, like a longer lease, once it was seen in force before the lease ended. */
async function seal(database: Database, plan: SqlSystem, named: readonly string[], fence: FreezeFence): Promise<void> {
  const lost = (lapsed: readonly string[]): Error =>
    freezeConflict(
      database,
      'seal',
      `the lease of generation ${String(fence.generation)} no longer holds ${listedNames(lapsed)}; freeze again with a new generation and read the changes again`,
    );
  const which = await acting(database, 'seal', plan, named, async (run, accounts) => {
    await takeOrder(run, database, 'seal', accounts, fence.order);
    const loose = await faultsSince(run, database, plan, accounts, fence);
    if (loose.length > 0)
      throw freezeConflict(
        database,
        'seal',
        `${loose.join('; ')}: writers may have got past the freeze; mend that, install again, freeze with a new generation and read the changes again`,
      );
    const lapsed = await lapsedAccounts(run, accounts, fence.wave, fence.generation);
    if (lapsed.length > 0) throw lost(lapsed);
    const held = [accounts, fence.wave, fence.generation];
    await run('update cutover.freeze set sealed = true where account = any($1::text[]) and wave = $2 and generation = $3', held);
    await noteClosing(run, accounts);
    return held;
  });
  await showClosing(database);
  const late = await database.transaction('seal', async (run) => {
    await run(
      `update cutover.freeze set proven_until = 'infinity' where account = any($1::text[]) and wave = $2 and generation = $3 and sealed and proven_until > clock_timestamp()`,
      which,
    );
    return run<{ account: string }>(
      `update cutover.freeze set sealed = false where account = any($1::text[]) and wave = $2 and generation = $3 and proven_until < 'infinity' returning account`,
      which,
    );
  });
  if (late.length > 0) throw lost(late.map(({ account }) => account).sort());
}

/** What would have let writers past this freeze since it began. */
async function faultsSince(
  run: Run,
  database: Database,
  plan: SqlSystem,
  accounts: readonly string[],
  { wave, generation }: FreezeFence,
): Promise<readonly string[]> {
  const [oldest] = await run<{ since: string | null }>(
    'select f.since::text as since from cutover.freeze f where account = any($1::text[]) and wave = $2 and generation = $3 order by f.since limit 1',
    [accounts, wave, generation],
  );
  const planned = await plannedTriggers(run, database, await readCatalog(run, plan));
  const standing = await standingTriggers(run, oldest?.since ?? null);
  return [...triggerFaults(planned, standing), ...(await loopholes(run, planned, standing))];
}
