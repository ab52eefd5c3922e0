import { AdapterError } from '../../contracts/failures.ts';
import type { Database } from './database.ts';

const betweenLooksMs = 20;

interface Holder extends Readonly<Record<string, unknown>> {
  readonly transaction: string;
  readonly pid: number | null;
}

/**
 * Waits until every transaction has ended that has written to one of these tables or to one below them, or is about to, at the moment of the call. PostgreSQL itself
 * knows them: each holds a lock on the table it writes until its end, prepared transactions too. Nobody is kept waiting by this. Rejects with
 * kind `locked` at `deadline` (of `performance.now()`), naming the server's processes.
 */
export async function writersEnded(database: Database, tables: readonly string[], deadline: number): Promise<void> {
  const waitedFor = new Set((await holders(database, tables)).map(({ transaction }) => transaction));
  while (waitedFor.size > 0) {
    await new Promise((resolve) => setTimeout(resolve, betweenLooksMs));
    const open = (await holders(database, tables)).filter(({ transaction }) => waitedFor.has(transaction));
    const stillThere = new Set(open.map(({ transaction }) => transaction));
    for (const transaction of waitedFor) if (!stillThere.has(transaction)) waitedFor.delete(transaction);
    if (waitedFor.size > 0 && performance.now() > deadline) throw stillOpen(database, open);
  }
}

async function holders(database: Database, tables: readonly string[]): Promise<readonly Holder[]> {
  return database.run<Holder>(
    'freeze',
    `with recursive below as (
       select oid from unnest($1::oid[]) as named (oid) union select i.inhrelid from below b join pg_inherits i on i.inhparent = b.oid
     )
     select distinct virtualtransaction as transaction, pid from pg_locks
     where locktype = 'relation' and granted and relation in (select oid from below) and database = (select oid from pg_database where datname = current_database())
       and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') and pid is distinct from pg_backend_pid()`,
    [tables],
  );
}

function stillOpen(database: Database, open: readonly Holder[]): AdapterError {
  const who = open.map(({ pid }) => (pid === null ? 'a prepared transaction' : `process ${String(pid)}`)).join(', ');
  return new AdapterError(
    'locked',
    `${database.system}: transactions that wrote to the tables with accounts are still open (${who}; see pg_stat_activity and pg_prepared_xacts); the freeze stands and is tried again`,
    { system: database.system, operation: 'freeze' },
  );
}
