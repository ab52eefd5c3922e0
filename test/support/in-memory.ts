import { accessSync, constants, statfsSync } from 'node:fs';
import { freemem } from 'node:os';

const gibibyte = 1024 ** 3;

/** Linux keeps what is written here in memory. */
const shared = '/dev/shm';

/**
 * Where throw-away servers keep their data: in memory, where this machine has plenty of it, because PostgreSQL makes and removes thousands of files for
 * the tests. Elsewhere where every temporary file goes.
 */
export function throwAwayFolder(): { readonly TMPDIR?: string } {
  try {
    accessSync(shared, constants.W_OK);
    const { bavail, bsize } = statfsSync(shared);
    return bavail * bsize > 4 * gibibyte && freemem() > 8 * gibibyte ? { TMPDIR: shared } : {};
  } catch {
    return {};
  }
}

/** What keeps the log of such a server small, whatever is written to it. */
export const smallLog: readonly string[] = ['max_wal_size=64MB', 'min_wal_size=32MB'];
