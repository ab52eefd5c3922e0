import type { FreezeFence, FreezeOrder, FreezeState } from '../../contracts/source.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { listedNames } from '../../domain/listed.ts';
import type { Database, Run } from './database.ts';
import { takeOrder } from './orders.ts';

/** One way to close accounts in the legacy database; the calls are those of SourcePort. */
export interface Freezer {
  freeze(order: FreezeOrder): Promise<void>;
  extend(fence: FreezeFence, leaseMs: number): Promise<boolean>;
  seal(accounts: readonly string[], fence: FreezeFence): Promise<void>;
  unseal(accounts: readonly string[], fence: FreezeFence, leaseMs: number): Promise<void>;
  thaw(accounts: readonly string[], fence: FreezeFence): Promise<void>;
  states(accounts: readonly string[]): Promise<readonly FreezeState[]>;
}

interface StateRow extends Readonly<Record<string, unknown>> {
  readonly account: string;
  readonly wave: string;
  readonly generation: string;
  readonly lease_until: string;
  readonly sealed: boolean;
  readonly current: boolean;
  readonly drained: boolean;
}

/** The rows of our freeze table for these accounts, none where the table is gone; `current` tells that lease or seal is proved to hold without a gap, by the database's own clock. */
export async function freezeRows(run: Run, accounts: readonly string[]): Promise<readonly StateRow[]> {
  const [table] = await run<{ there: boolean }>(`select to_regclass('cutover.freeze') is not null as there`);
  if (table?.there !== true) return [];
  return run<StateRow>(
    `select account, wave, generation, lease_until, sealed, drained, ((sealed or lease_until > clock_timestamp()) and proven_until > clock_timestamp()) as current
     from cutover.freeze where account = any($1::text[]) order by account, wave`,
    [accounts],
  );
}

/** `loose` says what lets writers past: a freeze that nothing enforces does not hold. */
export function freezeState(row: StateRow, loose: readonly string[]): FreezeState {
  return {
    account: row.account,
    wave: row.wave,
    generation: Number(row.generation),
    leaseUntil: row.lease_until,
    sealed: row.sealed,
    holds: loose.length === 0 && row.current,
    ...(loose.length > 0 ? { loose } : {}),
  };
}

/**
 * Writes down the freeze of each account. A generation that is there already stays as it is, so that a repeated order
 * neither prolongs a lease nor revives a lapsed one. Rejects with kind `conflict` where a newer order or generation is there.
 */
export async function enterFreeze(run: Run, database: Database, order: FreezeOrder): Promise<void> {
  await takeOrder(run, database, 'freeze', order.accounts, order.order);
  await refuseNewer(run, database, 'freeze', order.accounts, order);
  await run(
    `insert into cutover.freeze as held (account, wave, generation, lease_until, proven_until, reason, contact, since)
       select account, $2, $3, lease_until, lease_until, $5, $6, pg_current_xact_id()
       from unnest($1::text[]) as accounts (account), (select clock_timestamp() + make_interval(secs => $4::float8 / 1000) as lease_until) as lease
     on conflict (account, wave) do update set generation = excluded.generation, lease_until = excluded.lease_until,
       reason = excluded.reason, contact = excluded.contact, since = excluded.since, proven_until = excluded.proven_until, strict = false, drained = false, sealed = false
     where held.generation < excluded.generation`,
    [order.accounts, order.wave, order.generation, order.leaseMs, order.reason, order.contact],
  );
}

/** Deletes what this wave holds on these accounts, up to this generation. Rejects with kind `conflict` where a newer order or generation is there. */
export async function liftFreeze(run: Run, database: Database, accounts: readonly string[], fence: FreezeFence): Promise<void> {
  await takeOrder(run, database, 'thaw', accounts, fence.order);
  await refuseNewer(run, database, 'thaw', accounts, fence);
  await run('delete from cutover.freeze where account = any($1::text[]) and wave = $2', [accounts, fence.wave]);
}

/** A seal becomes a lease from now on; a lease stays as it is. Rejects with kind `conflict` where this generation does not hold every account. */
export async function loosenSeal(
  run: Run,
  database: Database,
  accounts: readonly string[],
  fence: FreezeFence,
  leaseMs: number,
): Promise<void> {
  await takeOrder(run, database, 'unseal', accounts, fence.order);
  const rows = await run(
    `update cutover.freeze as held set sealed = false,
       lease_until = case when sealed then lease.ends else lease_until end, proven_until = case when sealed then lease.ends else proven_until end
     from (select clock_timestamp() + make_interval(secs => $4::float8 / 1000) as ends) as lease
     where account = any($1::text[]) and wave = $2 and generation = $3 returning 1 as one`,
    [accounts, fence.wave, fence.generation, leaseMs],
  );
  if (rows.length !== new Set(accounts).size)
    throw freezeConflict(
      database,
      'unseal',
      `generation ${String(fence.generation)} of wave ${fence.wave} holds ${String(rows.length)} of the ${String(new Set(accounts).size)} accounts named; nothing was done`,
    );
}

async function refuseNewer(
  run: Run,
  database: Database,
  operation: string,
  accounts: readonly string[],
  { wave, generation }: FreezeFence,
): Promise<void> {
  const newer = await run<{ account: string }>(
    'select account from cutover.freeze where account = any($1::text[]) and wave = $2 and generation > $3 order by account',
    [accounts, wave, generation],
  );
  if (newer.length > 0)
    throw freezeConflict(
      database,
      operation,
      `a newer generation than ${String(generation)} of wave ${wave} already holds ${names(newer)}; nothing was done: somebody has moved on meanwhile`,
    );
}

/** Accounts this wave's generation does not hold now, or holds without having waited for their open writers. */
export async function lapsedAccounts(run: Run, accounts: readonly string[], wave: string, generation: number): Promise<readonly string[]> {
  const rows = await freezeRows(run, accounts);
  const holding = rows.filter((row) => row.wave === wave && Number(row.generation) === generation && row.current && row.drained);
  const held = new Set(holding.map(({ account }) => account));
  return accounts.filter((account) => !held.has(account)).sort();
}

export function freezeConflict(database: Database, operation: string, sentence: string): AdapterError {
  return new AdapterError('conflict', `${database.system}: ${sentence}`, { system: database.system, operation });
}

function names(rows: readonly { readonly account: string }[]): string {
  return listedNames(rows.map((row) => row.account));
}
