import { describe } from '@jest/globals';
import { packageOf, postgresVersions } from '../../scripts/dev/postgres/versions.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';

/** The tests of a file on every PostgreSQL that the adapter is for; each starts a server of its version with what it is handed. */
export function onEveryPostgres(tests: (start: () => Promise<LocalPostgres>) => void): void {
  describe.each(postgresVersions)('on PostgreSQL %s', (version) => {
    tests(() => startPostgres(packageOf(version)));
  });
}
