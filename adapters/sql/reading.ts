import type { SqlSystem } from '../../domain/plan/systems.ts';
import { readCatalog, type Catalog } from './catalog.ts';
import type { Database, Run } from './database.ts';

/** How long reads go by what the catalog said last (ms). */
const freshForMs = 5_000;
const lastCatalogs = new WeakMap<Database, { readonly catalog: Catalog; readonly askedAt: number }>();

/**
 * Reads over one unchanging snapshot. A sweep reads many pages, and tables change once in years, so the catalog is asked once in a few seconds:
 * reads need it only to spell their SQL, and one that fails asks anew the next time. Acts in legacy, and the checks they rest on, never go by a
 * catalog that was kept.
 */
export async function reading<T>(
  database: Database,
  operation: string,
  plan: SqlSystem,
  work: (run: Run, catalog: Catalog) => Promise<T>,
): Promise<T> {
  try {
    return await database.snapshot(operation, async (run) => work(run, await recentCatalog(database, run, plan)));
  } catch (error) {
    lastCatalogs.delete(database);
    throw error;
  }
}

async function recentCatalog(database: Database, run: Run, plan: SqlSystem): Promise<Catalog> {
  const last = lastCatalogs.get(database);
  if (last !== undefined && performance.now() - last.askedAt < freshForMs) return last.catalog;
  const askedAt = performance.now();
  const catalog = await readCatalog(run, plan);
  lastCatalogs.set(database, { catalog, askedAt });
  return catalog;
}
