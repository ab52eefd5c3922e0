import type { SqlSystem } from '../../domain/plan/systems.ts';
import { readCatalog, type Catalog } from './catalog.ts';
import type { Database, Run } from './database.ts';
import { accountIdentity, inWrittenForm } from './identity.ts';

/**
 * Acts on accounts in one transaction, which asks the catalog anew. `accounts` are handed on in their written form. An act that waits for an order
 * about the same accounts asks the catalog once more after the wait for what it then rests on.
 */
export async function acting<T>(
  database: Database,
  operation: string,
  plan: SqlSystem,
  accounts: readonly string[],
  work: (run: Run, accounts: readonly string[], catalog: Catalog) => Promise<T>,
): Promise<T> {
  return database.transaction(operation, async (run) => {
    const catalog = await readCatalog(run, plan);
    return work(run, await inWrittenForm(run, accountIdentity(catalog).kind, accounts), catalog);
  });
}
