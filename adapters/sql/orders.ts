import { AdapterError } from '../../contracts/failures.ts';
import { listedNames } from '../../domain/listed.ts';
import type { Database, Run } from './database.ts';

/** Remembers the order of the last install or removal. It has a schema of its own, because it is the only thing that outlives the removal of ours. */
const floorTable = `
  create schema if not exists cutover_order;
  create table if not exists cutover_order.floor (one boolean primary key default true check (one), number bigint not null);
  insert into cutover_order.floor (number) values (0) on conflict do nothing;
`;

/** Remembers the highest order of each account; a thaw leaves its row behind. */
const orderedTable = 'create table if not exists cutover.ordered (account text primary key, number bigint not null);';

/**
 * Takes an order about these accounts, before the act and in its transaction: it must be no older than the highest that legacy has taken for any of
 * them, nor than the floor. The rows stay locked, so that two orders about one account cannot cross. Rejects with kind `conflict` otherwise.
 */
export async function takeOrder(
  run: Run,
  database: Database,
  operation: string,
  accounts: readonly string[],
  order: number,
): Promise<void> {
  const [there] = await run<{ ordered: string | null }>(`select to_regclass('cutover.ordered')::text as ordered`);
  if (there?.ordered == null)
    throw orderConflict(database, operation, 'our part in this database is not installed, or was removed; nothing was done');
  await run('select number from cutover_order.floor for share');
  await run(
    `insert into cutover.ordered as held (account, number) select account, $2 from (select distinct unnest($1::text[]) as account order by 1) as named
     on conflict (account) do update set number = excluded.number where held.number < excluded.number`,
    [accounts, order],
  );
  const newer = await run<{ account: string }>(
    `select account from cutover.ordered where account = any($1::text[]) and greatest(number, (select number from cutover_order.floor)) > $2
     order by account for update`,
    [accounts, order],
  );
  if (newer.length > 0)
    throw orderConflict(
      database,
      operation,
      `order ${String(order)} is older than the last one about ${listedNames(newer.map(({ account }) => account))}; nothing was done: somebody has moved on meanwhile`,
    );
}

/** Takes the order of an install and makes it the floor, so that a removal which slept meanwhile is refused. */
export async function takeInstall(run: Run, database: Database, order: number): Promise<void> {
  await raiseFloor(run, database, 'install', order);
  await run(orderedTable);
}

/**
 * Takes the order of a removal and makes it the floor, so that an install or a freeze which slept meanwhile is refused. Waits for acts on accounts
 * that are under way. Rejects with kind `conflict` where a newer order was taken, about any account too.
 */
export async function takeRemoval(run: Run, database: Database, operation: string, order: number): Promise<void> {
  await raiseFloor(run, database, operation, order);
  const [there] = await run<{ ordered: string | null }>(`select to_regclass('cutover.ordered')::text as ordered`);
  if (there?.ordered == null) return;
  if ((await run('select 1 from cutover.ordered where number > $1 limit 1', [order])).length > 0)
    throw olderThanLast(database, operation, order);
}

async function raiseFloor(run: Run, database: Database, operation: string, order: number): Promise<void> {
  await run(floorTable);
  const [taken] = await run('update cutover_order.floor set number = $1 where number <= $1 returning 1 as one', [order]);
  if (taken === undefined) throw olderThanLast(database, operation, order);
}

function olderThanLast(database: Database, operation: string, order: number): AdapterError {
  return orderConflict(
    database,
    operation,
    `order ${String(order)} is older than the last one this database has taken; nothing was done: somebody has moved on meanwhile`,
  );
}

function orderConflict(database: Database, operation: string, sentence: string): AdapterError {
  return new AdapterError('conflict', `${database.system}: ${sentence}`, { system: database.system, operation });
}
