import type { SqlSystem } from '../../domain/plan/systems.ts';
import { guardedRelations, readCatalog } from './catalog.ts';
import type { Database } from './database.ts';
import { removeOurs } from './install.ts';
import { takeRemoval } from './orders.ts';
import { writingUsers } from './rights.ts';

/**
 * Ends our part in the legacy database at the close. Where no user can write to the tables with accounts any more, because the rights were
 * taken away, our seals have nothing left to refuse, and all that `install` made is removed; rights we took away ourselves stay away.
 * Otherwise nothing is removed. Returns the users who can still write, by name; empty when it is handed over. Repeating it is safe. Rejects
 * with kind `conflict` where a newer order was taken.
 */
export async function handOver(database: Database, plan: SqlSystem, order: number): Promise<readonly string[]> {
  return database.transaction('handOver', async (run) => {
    await takeRemoval(run, database, 'handOver', order);
    const catalog = await readCatalog(run, plan);
    const left = await writingUsers(
      run,
      guardedRelations(catalog).map(({ oid }) => oid),
    );
    if (left.length === 0) await removeOurs(run);
    return left;
  });
}
