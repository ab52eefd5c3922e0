import type { FreezeFence, FreezeOrder } from '../../contracts/source.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { escapeIdentifier } from 'pg';
import type { Database, Run } from './database.ts';
import { enterFreeze, freezeConflict, freezeRows, freezeState, liftFreeze, loosenSeal } from './freezer.ts';
import type { Freezer } from './freezer.ts';
import { takeOrder } from './orders.ts';
import { qualified } from './relations.ts';

interface Grant extends Readonly<Record<string, unknown>> {
  readonly tbl: string;
  readonly role: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

/**
 * Freezes everybody at once where triggers are not allowed: takes the writing rights on the frozen tables from every
 * other user and gives exactly those back when the last freeze is lifted. No clock ends it: a person does, so a lease's
 * end is only noted. The runner must be a member of the tables' owner.
 */
export function grantFreezer(database: Database, plan: SqlSystem): Freezer {
  const frozen = Object.entries(plan.tables)
    .filter(([, { account }]) => account !== undefined)
    .map(([table]) => table);
  return {
    freeze: (order) => freeze(database, plan.schema, frozen, order),
    extend: (fence, leaseMs) => database.transaction('extend', (run) => extend(run, database, fence, leaseMs)),
    seal: (accounts, fence) =>
      database.transaction('seal', async (run) => {
        await takeOrder(run, database, 'seal', accounts, fence.order);
        const rows = await run(
          'update cutover.freeze set sealed = true where account = any($1::text[]) and wave = $2 and generation = $3 and drained returning 1',
          [accounts, fence.wave, fence.generation],
        );
        if (rows.length !== new Set(accounts).size || (await writers(run, plan.schema, frozen)).length > 0)
          throw freezeConflict(
            database,
            'seal',
            `generation ${String(fence.generation)} of wave ${fence.wave} does not hold all of these accounts, or someone was given writing rights again; freeze again with a new generation and read the changes again`,
          );
      }),
    unseal: (accounts, fence, leaseMs) => database.transaction('unseal', (run) => loosenSeal(run, database, accounts, fence, leaseMs)),
    thaw: (accounts, fence) => database.transaction('thaw', (run) => thaw(run, database, plan.schema, accounts, fence)),
    states: (accounts) =>
      database.transaction('freezeStates', async (run) => {
        const inForce = (await writers(run, plan.schema, frozen)).length === 0;
        return (await freezeRows(run, accounts)).map((row) => freezeState({ ...row, current: true }, inForce));
      }),
  };
}

/**
 * Every statement that writes holds a lock on its table until its transaction ends. The SHARE lock waits for those and
 * keeps later ones waiting until the rights are gone; kind `locked` when a writer stays open too long, and nothing is frozen then.
 */
async function freeze(database: Database, schema: string, tables: readonly string[], order: FreezeOrder): Promise<void> {
  await database.transaction('freeze', async (run) => {
    await takeOrder(run, database, 'freeze', order.accounts, order.order);
    const open = new Set((await writers(run, schema, tables)).map((grant) => qualified(schema, grant.tbl)));
    if (open.size > 0) await run(`lock table ${[...open].join(', ')} in share mode`);
    for (const grant of await writers(run, schema, tables)) {
      await run('insert into cutover.revoked (tbl, role, privilege, grantable) values ($1, $2, $3, $4) on conflict do nothing', [
        grant.tbl,
        grant.role,
        grant.privilege,
        grant.grantable,
      ]);
      await run(`revoke ${grant.privilege} on ${qualified(schema, grant.tbl)} from ${roleName(grant.role)} cascade`);
    }
    await enterFreeze(run, database, order);
    await run('update cutover.freeze set drained = true where account = any($1::text[]) and wave = $2 and generation = $3', [
      order.accounts,
      order.wave,
      order.generation,
    ]);
  });
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

async function thaw(run: Run, database: Database, schema: string, accounts: readonly string[], fence: FreezeFence): Promise<void> {
  await liftFreeze(run, database, accounts, fence);
  const left = await run('select 1 from cutover.freeze limit 1');
  if (left.length > 0) return;
  for (const grant of await run<Grant>('delete from cutover.revoked returning tbl, role, privilege, grantable')) {
    await run(
      `grant ${grant.privilege} on ${qualified(schema, grant.tbl)} to ${roleName(grant.role)}${grant.grantable ? ' with grant option' : ''}`,
    );
  }
}

/** Writing rights that anybody but the runner holds on these tables, the owner's own included. */
async function writers(run: Run, schema: string, tables: readonly string[]): Promise<readonly Grant[]> {
  return run<Grant>(
    `select c.relname as tbl, coalesce(r.rolname, 'public') as role, a.privilege_type as privilege, a.is_grantable as grantable
     from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a left join pg_roles r on r.oid = a.grantee
     where n.nspname = $1 and c.relname = any($2::text[]) and a.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE') and r.rolname is distinct from session_user::text
     order by 1, 2, 3`,
    [schema, tables],
  );
}

function roleName(role: string): string {
  return role === 'public' ? 'public' : escapeIdentifier(role);
}
