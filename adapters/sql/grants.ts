import type { FreezeFence, FreezeOrder } from '../../contracts/source.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { acting } from './acting.ts';
import { guardedRelations, readCatalog, type Catalog } from './catalog.ts';
import type { Database, Run } from './database.ts';
import { writersEnded } from './drain.ts';
import { enterFreeze, freezeConflict, freezeRows, freezeState, liftFreeze, loosenSeal } from './freezer.ts';
import type { Freezer } from './freezer.ts';
import { takeOrder } from './orders.ts';
import { giveBack, revokeGrants, writingGrants, writingUsers, type Grant } from './rights.ts';

/**
 * Freezes everybody at once where triggers are not allowed: takes the writing rights on the frozen tables, on those below them and on their columns
 * from every other user and gives exactly those back when the last freeze is lifted. Whether it holds is judged by who can write, however he came
 * by the right. No clock ends it: a person does, so a lease's end is only noted. The runner must be a member of the tables' owner.
 */
export function grantFreezer(database: Database, plan: SqlSystem): Freezer {
  const able = async (run: Run, catalog: Catalog): Promise<readonly string[]> => writingUsers(run, frozenTables(catalog));
  return {
    freeze: (order) => freeze(database, plan, order),
    extend: (fence, leaseMs) => database.transaction('extend', (run) => extend(run, database, fence, leaseMs)),
    seal: (accounts, fence) =>
      acting(database, 'seal', plan, accounts, async (run, written, catalog) =>
        seal(run, database, await able(run, catalog), written, fence),
      ),
    unseal: (accounts, fence, leaseMs) =>
      acting(database, 'unseal', plan, accounts, (run, written) => loosenSeal(run, database, written, fence, leaseMs)),
    thaw: (accounts, fence) => acting(database, 'thaw', plan, accounts, (run, written) => thaw(run, database, written, fence)),
    states: (accounts) =>
      acting(database, 'freezeStates', plan, accounts, async (run, written, catalog) => {
        const loose = (await able(run, catalog)).map((user) => `${user} may write to the frozen tables`);
        return (await freezeRows(run, written)).map((row) => freezeState({ ...row, current: true }, loose));
      }),
  };
}

function frozenTables(catalog: Catalog): readonly string[] {
  return guardedRelations(catalog).map(({ oid }) => oid);
}

/**
 * Every statement that writes holds a lock on its table until its transaction ends. The SHARE lock waits for those and keeps later ones waiting
 * until the rights are gone; kind `locked` when a writer stays open too long, and nothing is frozen then. A table whose rights are gone already
 * cannot be locked so: who still writes to it is waited for afterwards. Rejects with kind `conflict`, and freezes nothing, where somebody could
 * write all the same.
 */
async function freeze(database: Database, plan: SqlSystem, order: FreezeOrder): Promise<void> {
  const deadline = performance.now() + database.timeoutMs;
  const { accounts, tables } = await acting(database, 'freeze', plan, order.accounts, async (run, written) => {
    await takeOrder(run, database, 'freeze', written, order.order);
    const frozen = frozenTables(await readCatalog(run, plan));
    await lockTables(run, frozen);
    const grants = await writingGrants(run, frozen);
    for (const { relation, columns, role, privilege, grantable } of grants)
      await run(
        'insert into cutover.revoked (relation, columns, role, privilege, grantable) values ($1, $2, $3, $4, $5) on conflict do nothing',
        [relation, columns, role, privilege, grantable],
      );
    await revokeGrants(run, grants);
    const able = await writingUsers(run, frozen);
    if (able.length > 0)
      throw freezeConflict(
        database,
        'freeze',
        `${able.join(', ')} could still write to the tables with accounts, by a right that their owner cannot take away (on all data, or as another role); take it away, then freeze again; nothing was frozen`,
      );
    await enterFreeze(run, database, { ...order, accounts: written });
    return { accounts: written, tables: frozen };
  });
  await writersEnded(database, tables, deadline);
  await database.run(
    'freeze',
    'update cutover.freeze set drained = true where account = any($1::text[]) and wave = $2 and generation = $3',
    [accounts, order.wave, order.generation],
  );
}

async function lockTables(run: Run, tables: readonly string[]): Promise<void> {
  const open = await run<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.oid = any($1::oid[]) and has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') order by 1`,
    [tables],
  );
  if (open.length > 0) await run(`lock table only ${open.map(({ name }) => name).join(', only ')} in share mode`);
}

async function seal(run: Run, database: Database, able: readonly string[], accounts: readonly string[], fence: FreezeFence): Promise<void> {
  await takeOrder(run, database, 'seal', accounts, fence.order);
  const rows = await run(
    `update cutover.freeze set sealed = true, proven_until = 'infinity'
     where account = any($1::text[]) and wave = $2 and generation = $3 and drained returning 1 as one`,
    [accounts, fence.wave, fence.generation],
  );
  if (rows.length === new Set(accounts).size && able.length === 0) return;
  throw freezeConflict(
    database,
    'seal',
    `generation ${String(fence.generation)} of wave ${fence.wave} does not hold all of these accounts, or someone can write again${able.length > 0 ? ` (${able.join(', ')})` : ''}; take that right away, freeze again with a new generation and read the changes again`,
  );
}

/** No clock ends this freeze, so its lease cannot have lapsed. */
async function extend(run: Run, database: Database, fence: FreezeFence, leaseMs: number): Promise<boolean> {
  const rows = await run<{ account: string }>(
    `update cutover.freeze set lease_until = greatest(lease_until, clock_timestamp() + make_interval(secs => $3::float8 / 1000))
     where wave = $1 and generation = $2 returning account`,
    [fence.wave, fence.generation, leaseMs],
  );
  await takeOrder(
    run,
    database,
    'extend',
    rows.map(({ account }) => account),
    fence.order,
  );
  return rows.length > 0;
}

async function thaw(run: Run, database: Database, accounts: readonly string[], fence: FreezeFence): Promise<void> {
  await liftFreeze(run, database, accounts, fence);
  const left = await run('select 1 from cutover.freeze limit 1');
  if (left.length > 0) return;
  await giveBack(run, await run<Grant>('delete from cutover.revoked returning relation, columns, role, privilege, grantable'));
}
